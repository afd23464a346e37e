import { WeirError } from '../base/errors.ts';
import { deepFreeze } from '../graph/deep-freeze.ts';
import type { OperatorKind, Partitioning, StreamEdge, StreamGraph, StreamNode } from '../graph/job-graph.ts';
import type { Portable } from '../values/portable.ts';
import type { EdgePartitioner, OperatorBody, Partitioners } from './body.ts';
import { declaredStates } from './declared-states.ts';

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
  /** Of custom partitioning. */
  readonly partitioner?: EdgePartitioner | undefined;
  readonly sideOutput?: string;
  readonly input?: 1;
}

interface NewNode {
  readonly name: string;
  readonly body: OperatorBody;
  readonly inputs: readonly NodeInput[];
  readonly stateNames: readonly string[];
  readonly keyType?: Portable;
}

interface BuiltNode {
  readonly kind: OperatorKind;
  readonly settings: NodeSettings;
  readonly inputs: readonly NodeInput[];
  readonly stateNames: readonly string[];
  readonly keyType: Portable | undefined;
}

/** What a job was built of. */
export interface BuiltGraph {
  readonly streamGraph: StreamGraph;
  readonly bodies: readonly OperatorBody[];
  readonly partitioners: Partitioners;
}

/** Collects operators while `build` runs, and gives the stream graph afterwards. Decides nothing about how they run. */
export class GraphBuilder {
  readonly #jobName: string;
  readonly #parallelism: number;
  readonly #maxParallelism: number | undefined;
  readonly #nodes: BuiltNode[] = [];
  readonly #bodies: OperatorBody[] = [];
  /** Where each operator was added, as stacks: they become text only if somebody asks. */
  readonly #places: { readonly stack?: string }[] = [];
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
    this.#nodes.push({
      kind: node.body.kind,
      settings,
      inputs: node.inputs,
      stateNames: [...node.stateNames].sort(),
      keyType: node.keyType,
    });
    this.#bodies.push(node.body);
    const place = {};
    Error.captureStackTrace(place);
    this.#places.push(place);
    return this.#nodes.length - 1;
  }

  change(node: number, change: Partial<NodeSettings>): void {
    const settings = this.#nodes[node]!.settings;
    this.#refuseWhenFinished(settings.name);
    Object.assign(settings, change);
  }

  /** The stack with which an operator was added: the author's line is among its frames. */
  placeOf(node: number): string {
    return this.#places[node]?.stack ?? '';
  }

  /** No operator is added or changed after this. */
  finish(): BuiltGraph {
    this.#finished = true;
    const nodes = this.#nodes.map(({ kind, settings, inputs, stateNames, keyType }, node): StreamNode => {
      const states = declaredStates(this.#bodies[node]!);
      const name = kind === 'source' ? `Source: ${settings.name}` : kind === 'sink' ? `Sink: ${settings.name}` : settings.name;
      return {
        node,
        kind,
        ...settings,
        name,
        inputs: inputs.map((input) => this.#edge(settings, input)),
        stateNames,
        ...(states.length === 0 ? {} : { states }),
        ...(keyType === undefined ? {} : { keyType }),
      };
    });
    return {
      streamGraph: deepFreeze({ jobName: this.#jobName, nodes }),
      bodies: Object.freeze([...this.#bodies]),
      partitioners: this.#nodes.map(({ inputs }) => inputs.map(({ partitioner }) => partitioner)),
    };
  }

  #edge(target: NodeSettings, input: NodeInput): StreamEdge {
    const source = this.#nodes[input.node]!.settings;
    // As in Flink: records stay on their subtask where they can.
    const automatic = source.parallelism === target.parallelism ? 'forward' : 'rebalance';
    return {
      source: input.node,
      partitioning: input.partitioning ?? automatic,
      ...(input.input === undefined ? {} : { input: input.input }),
      ...(input.sideOutput === undefined ? {} : { sideOutput: input.sideOutput }),
    };
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
