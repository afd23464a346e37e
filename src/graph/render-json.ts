import { graphDigest } from './graph-digest.ts';
import type { JobGraph, StreamGraph } from './job-graph.ts';

/** Both graphs of a job as plain data: the operators as written, and the vertices that run them. What is undefined is left out. */
export interface GraphJson {
  readonly jobName: string;
  /** Of the job graph: jobs with equal digests run the same graph. */
  readonly graphDigest: string;
  readonly streamGraph: Pick<StreamGraph, 'nodes'>;
  readonly jobGraph: Pick<JobGraph, 'levels' | 'vertices' | 'edges'>;
}

export const graphJson = ({ jobName, nodes }: StreamGraph, jobGraph: JobGraph): GraphJson => ({
  jobName,
  graphDigest: graphDigest(jobGraph),
  streamGraph: { nodes },
  jobGraph: { levels: jobGraph.levels, vertices: jobGraph.vertices, edges: jobGraph.edges },
});

/** For programs to read. Equal graphs give equal text. */
export const renderJson = (streamGraph: StreamGraph, jobGraph: JobGraph): string =>
  JSON.stringify(graphJson(streamGraph, jobGraph), null, 2);
