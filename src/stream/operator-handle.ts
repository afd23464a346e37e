import { WeirError } from '../base/errors.ts';
import type { GraphBuilder, NodeSettings } from './graph-builder.ts';

/** What can be said about the operator just written, whatever its kind. Every method returns the stream it was called on. */
export class OperatorHandle {
  protected readonly builder: GraphBuilder;
  protected readonly node: number | undefined;

  constructor(builder: GraphBuilder, node: number | undefined) {
    this.builder = builder;
    this.node = node;
  }

  /**
   * Under which its state is found again in a savepoint: unique in the job, and never changed. Without one, an id is
   * made from the operator's place in the graph, and is lost when operators before it come or go.
   */
  uid(uid: string): this {
    return this.#change({ uid });
  }

  /** The operator id (32 hex digits) in an older savepoint whose state this operator takes over; new state goes under its own id. */
  setUidHash(uidHash: string): this {
    return this.#change({ uidHash });
  }

  /** For people: in listings, statistics and errors. Does not have to be unique. */
  name(name: string): this {
    return this.#change({ name });
  }

  /** How many subtasks it runs as, 1 to 32768; by default the job's parallelism. */
  setParallelism(parallelism: number): this {
    return this.#change({ parallelism });
  }

  /**
   * How many key groups its keyed state is divided into, and so the highest parallelism it can ever be restored at, up
   * to 32768. Fixed by the first savepoint; by default derived from the parallelism, at least 128.
   */
  setMaxParallelism(maxParallelism: number): this {
    return this.#change({ maxParallelism });
  }

  /** Cuts the chain before this operator. */
  startNewChain(): this {
    return this.#change({ chaining: 'head' });
  }

  /** Cuts the chain before and after this operator. */
  disableChaining(): this {
    return this.#change({ chaining: 'never' });
  }

  #change(change: Partial<NodeSettings>): this {
    if (this.node === undefined) throw notAnOperator(Object.keys(change)[0]!);
    this.builder.change(this.node, change);
    return this;
  }
}

/** The types say so already. */
function notAnOperator(setting: string): WeirError {
  return new WeirError({
    code: 'NOT_AN_OPERATOR',
    domain: 'program',
    message: `The ${setting} of a union, a side output or a partitioned stream was set, but none of them is an operator.`,
    advice: 'Set it on the operator that the stream comes from, or on the next one.',
  });
}
