import { WeirError } from '../base/errors.ts';
import type { JobVertex } from '../graph/job-graph.ts';
import type { JobView } from '../job/job-service.ts';

/** Throws VERTEX_NOT_FOUND. */
export function vertexOf({ record, description }: JobView, vertexId: string): JobVertex {
  const vertex = description.graph.vertices.find((each) => each.vertexId === vertexId);
  if (vertex !== undefined) return vertex;
  throw new WeirError({
    code: 'VERTEX_NOT_FOUND',
    domain: 'user',
    message: `Job ${record.jobId} has no vertex ${vertexId}.`,
    advice: 'GET /jobs/:jobid lists the vertices of a job.',
    subject: { jobId: record.jobId, vertexId },
  });
}
