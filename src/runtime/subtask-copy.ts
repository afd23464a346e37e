import { assert } from '../base/assert.ts';
import type { Cloud } from '../cloud/index.ts';
import type { JobVertex } from '../graph/job-graph.ts';
import { type CopyName, createSubtaskState, type StateSchemas, type SubtaskState } from '../state/index.ts';
import type { OperatorBody } from '../stream/body.ts';
import type { BuiltJob } from '../stream/build-job.ts';
import type { SplitReader } from '../stream/source.ts';
import type { FreezePolicy } from '../values/freeze-sample.ts';
import type { Portable } from '../values/portable.ts';
import { Chain } from './chain.ts';
import type { Deadline } from './deadline.ts';

export interface CopyOptions {
  readonly cloud: Cloud;
  readonly job: BuiltJob;
  readonly jobId: string;
  readonly resultDirectory: string;
  readonly vertex: JobVertex;
  readonly subtask: number;
  readonly freeze: FreezePolicy;
  readonly schemas: StateSchemas;
}

type SourceBody = Extract<OperatorBody, { kind: 'source' }>;

/** One subtask as this environment has it: a copy of its state, and its operators. All of it can be made again. */
export class SubtaskCopy {
  readonly vertex: JobVertex;
  readonly subtask: number;
  readonly #options: CopyOptions;
  #state: SubtaskState;
  #chain: Chain | undefined = undefined;
  #reader: SplitReader<unknown, Portable, Portable> | undefined = undefined;

  constructor(options: CopyOptions) {
    this.vertex = options.vertex;
    this.subtask = options.subtask;
    this.#options = options;
    this.#state = this.#emptyState();
  }

  get state(): SubtaskState {
    return this.#state;
  }

  /** Whether this environment has run the attempt, and won its acknowledgement. */
  hasRun(of: CopyName): boolean {
    return sameName(this.#state.top, of);
  }

  /** Settles the attempt on top, now that the latest completed checkpoint is known: it is that one, or it is undone. */
  settle(parent: CopyName): void {
    if (this.#state.top === undefined) return;
    if (sameName(this.#state.top, parent)) this.#state.promote();
    else this.undo();
  }

  isAt(parent: CopyName): boolean {
    return sameName(this.#state.parent, parent);
  }

  undo(): void {
    this.#state.undo();
    this.#chain?.abort();
  }

  /** Begins anew, with nothing: what is here can't be brought forward. */
  reset(): void {
    this.#chain?.close();
    this.#chain = undefined;
    this.#state = this.#emptyState();
  }

  chain(deadline: Deadline): Chain {
    const { cloud, job, jobId, resultDirectory, vertex, subtask, freeze } = this.#options;
    this.#chain ??= new Chain({ cloud, job, jobId, resultDirectory, vertex, subtask, state: this.#state, freeze }, deadline);
    return this.#chain;
  }

  /** Of a source's head; nothing for other vertices. */
  get sourceBody(): SourceBody | undefined {
    const head = this.vertex.operators[0];
    const body = head === undefined ? undefined : this.#options.job.bodies[head.node];
    return body?.kind === 'source' ? body : undefined;
  }

  reader(): SplitReader<unknown, Portable, Portable> {
    const body = this.sourceBody;
    assert(body !== undefined, 'only sources read splits');
    const { objects, clock } = this.#options.cloud;
    this.#reader ??= body.source.createReader({ objects, clock });
    return this.#reader;
  }

  async close(): Promise<void> {
    this.#chain?.close();
    await this.#reader?.close?.();
  }

  #emptyState(): SubtaskState {
    const { vertex, subtask, freeze, schemas } = this.#options;
    return createSubtaskState({ vertex, subtask, freeze, schemas });
  }
}

function sameName(a: CopyName | undefined, b: CopyName): boolean {
  return a !== undefined && a.checkpoint === b.checkpoint && a.attempt === b.attempt;
}
