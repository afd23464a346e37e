import type { GraphBuilder } from './graph-builder.ts';

/** What can be said about the operator just written, whatever its kind. Every method returns the stream it was called on. */
export class OperatorHandle {
  protected readonly builder: GraphBuilder;
  protected readonly node: number;

  constructor(builder: GraphBuilder, node: number) {
    this.builder = builder;
    this.node = node;
  }

  /**
   * Under which its state is found again in a savepoint: unique in the job, and never changed. Without one, an id is
   * made from the operator's place in the graph, and is lost when operators before it come or go.
   */
  uid(uid: string): this {
    this.builder.change(this.node, { uid });
    return this;
  }

  /** The operator id (32 hex digits) in an older savepoint whose state this operator takes over; new state goes under its own id. */
  setUidHash(uidHash: string): this {
    this.builder.change(this.node, { uidHash });
    return this;
  }

  /** For people: in listings, statistics and errors. Does not have to be unique. */
  name(name: string): this {
    this.builder.change(this.node, { name });
    return this;
  }

  /** How many subtasks it runs as, 1 to 32768; by default the job's parallelism. */
  setParallelism(parallelism: number): this {
    this.builder.change(this.node, { parallelism });
    return this;
  }

  /**
   * How many key groups its keyed state is divided into, and so the highest parallelism it can ever be restored at, up
   * to 32768. Fixed by the first savepoint; by default derived from the parallelism, at least 128.
   */
  setMaxParallelism(maxParallelism: number): this {
    this.builder.change(this.node, { maxParallelism });
    return this;
  }

  /** Cuts the chain before this operator. */
  startNewChain(): this {
    this.builder.change(this.node, { chaining: 'head' });
    return this;
  }

  /** Cuts the chain before and after this operator. */
  disableChaining(): this {
    this.builder.change(this.node, { chaining: 'never' });
    return this;
  }
}
