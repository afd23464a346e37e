import type { Cloud } from '../cloud/index.ts';
import type { JobGraph } from '../graph/job-graph.ts';
import { openSnapshot } from '../savepoint/open-snapshot.ts';
import { planRestore } from '../savepoint/plan-restore.ts';
import type { RestorePlan } from '../savepoint/restore-plan.ts';

export interface CheckRequest {
  readonly path: string;
  readonly graph: JobGraph;
  readonly allowNonRestoredState: boolean;
}

/** What a restore would do, touching nothing. Throws what is wrong with the snapshot itself, as openSnapshot does. */
export async function checkRestore(cloud: Cloud, { path, graph, allowNonRestoredState }: CheckRequest): Promise<RestorePlan> {
  const { manifest, record } = await openSnapshot(cloud, path);
  return planRestore(manifest, graph, { allowNonRestoredState, effectsDone: record?.effectsDone === true });
}
