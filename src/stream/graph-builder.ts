import { WeirError } from '../base/errors.ts';
import { deepFreeze } from '../graph/deep-freeze.ts';
import type { OperatorKind, Partitioning, StreamEdge, StreamGraph, StreamNode } from '../graph/job-graph.ts';
import type { OperatorBody } from './body.ts';

/** What the user may still change of an operator while `build` runs. */
export interface NodeSettings {
  name: string;
  uid: string | undefined;
  uidHash: string | undefined;
  parallelism: number;
  maxParallelism: number | undefined;
  chaining: StreamNode['chaining'];
}

/** Where the records of an operator to be added come from; without a partitioning, as the parallelisms allow. */
export interface NodeInput {
  readonly node: number;
  readonly partitioning: Partitioning | undefined;
}

interface NewNode {
  readonly name: string;
  readonly body: OperatorBody;
  readonly input: NodeInput | undefined;
  readonly stateNames: readonly string[];
}

interface BuiltNode {
  readonly kind: OperatorKind;
  readonly settings: NodeSettings;
  readonly input: NodeInput | undefined;
  readonly stateNames: readonly string[];
}

/** Collects operators while `build` runs, and gives the stream graph afterwards. Decides nothing about how they run. */
export class GraphBuilder {
  readonly #jobName: string;
  readonly #parallelism: number;
  readonly #maxParallelism: number | undefined;
  readonly #nodes: BuiltNode[] = [];
  readonly #bodies: OperatorBody[] = [];
  #finished = false;

  constructor(jobName: string, parallelism: number, maxParallelism: number | undefined) {
    this.#jobName = jobName;
    this.#parallelism = parallelism;
    this.#maxParallelism = maxParallelism;
  }

  add(node: NewNode): number {
    this.#refuseWhenFinished(node.name);
    const settings: NodeSettings = {
      name: node.name,
      uid: undefined,
      uidHash: undefined,
      parallelism: this.#parallelism,
      maxParallelism: this.#maxParallelism,
      chaining: 'always',
    };
    this.#nodes.push({ kind: node.body.kind, settings, input: node.input, stateNames: [...node.stateNames].sort() });
    this.#bodies.push(node.body);
    return this.#nodes.length - 1;
  }

  change(node: number, change: Partial<NodeSettings>): void {
    const settings = this.#nodes[node]!.settings;
    this.#refuseWhenFinished(settings.name);
    Object.assign(settings, change);
  }

  /** No operator is added or changed after this. */
  finish(): { readonly streamGraph: StreamGraph; readonly bodies: readonly OperatorBody[] } {
    this.#finished = true;
    const nodes = this.#nodes.map(({ kind, settings, input, stateNames }, node): StreamNode => {
      const name = kind === 'source' ? `Source: ${settings.name}` : kind === 'sink' ? `Sink: ${settings.name}` : settings.name;
      return { node, kind, ...settings, name, inputs: input === undefined ? [] : [this.#edge(settings, input)], stateNames };
    });
    return { streamGraph: deepFreeze({ jobName: this.#jobName, nodes }), bodies: Object.freeze([...this.#bodies]) };
  }

  #edge(target: NodeSettings, input: NodeInput): StreamEdge {
    const source = this.#nodes[input.node]!.settings;
    // As in Flink: records stay on their subtask where they can.
    const automatic = source.parallelism === target.parallelism ? 'forward' : 'rebalance';
    return { source: input.node, partitioning: input.partitioning ?? automatic };
  }

  #refuseWhenFinished(name: string): void {
    if (!this.#finished) return;
    throw new WeirError({
      code: 'BUILD_FINISHED',
      domain: 'program',
      message: `Operator "${name}" of job "${this.#jobName}" was added or changed after build had returned.`,
      advice: 'Make build synchronous, and keep no stream outside of it.',
      subject: { operator: name },
    });
  }
}
