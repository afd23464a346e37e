import { assert } from '../base/assert.ts';
import { messageOf, WeirError } from '../base/errors.ts';
import { inLogScope } from '../base/log-scope.ts';
import type { JobDescription } from '../protocol/job-description.ts';
import type { Manifest } from '../protocol/manifest.ts';
import type { CoordinatorParts } from './coordinator-parts.ts';

/** Lets the sinks make visible what the manifest lists. Publishing what is published is success. */
export async function publishCommittables(parts: CoordinatorParts, description: JobDescription, manifest: Manifest): Promise<void> {
  const { cloud } = parts;
  const nodes = new Map(
    description.graph.vertices.flatMap((vertex) => vertex.operators.map((operator) => [operator.operatorId as string, operator] as const)),
  );
  const context = { objects: cloud.objects, clock: cloud.clock };
  let bodies: ReturnType<CoordinatorParts['loadJob']>['bodies'] | undefined;
  for (const vertex of manifest.vertices) {
    for (const subtask of vertex.subtasks) {
      for (const { operatorId, items } of subtask.committables) {
        const operator = nodes.get(operatorId);
        bodies ??= parts.loadJob(description).bodies;
        const body = operator === undefined ? undefined : bodies[operator.node];
        assert(operator !== undefined && body?.kind === 'sink', 'committables belong to a sink of the program');
        for (const item of items) {
          try {
            await inLogScope({ checkpoint: manifest.checkpoint, operator: operator.uid ?? operator.name }, () =>
              body.sink.commit(item, context),
            );
          } catch (cause) {
            if (WeirError.is(cause)) throw cause.about({ operator: operator.uid ?? operator.name, jobId: description.jobId });
            throw new WeirError({
              code: 'SINK_COMMIT_FAILED',
              domain: 'external',
              message: `Sink "${operator.uid ?? operator.name}" could not commit its output of checkpoint ${manifest.checkpoint}: ${messageOf(cause)}`,
              subject: { operator: operator.uid ?? operator.name, jobId: description.jobId, checkpoint: manifest.checkpoint },
              cause,
            });
          }
        }
      }
    }
  }
}
