import type { JobGraph, StreamGraph } from '../graph/job-graph.ts';
import type { OperatorBody } from './body.ts';

/** What `build` of a job definition made: frozen graphs, and the user's code by stream node. */
export interface BuiltJob {
  readonly streamGraph: StreamGraph;
  readonly jobGraph: JobGraph;
  /** By `StreamNode.node`. */
  readonly bodies: readonly OperatorBody[];
  /** Whole sentences for the author, e.g. stateful operators without a uid. */
  readonly warnings: readonly string[];
}
