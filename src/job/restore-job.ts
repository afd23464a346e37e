import { WeirError } from '../base/errors.ts';
import { ManifestStore } from '../checkpoint/manifest-store.ts';
import type { Cloud } from '../cloud/index.ts';
import type { JobGraph } from '../graph/job-graph.ts';
import type { JobDescription } from '../protocol/job-description.ts';
import { isForeign } from '../protocol/manifest-segments.ts';
import type { RestoredStart } from '../protocol/new-job-record.ts';
import type { ClaimMode, RestoredFrom } from '../protocol/snapshot-record.ts';
import { claimSnapshot } from '../savepoint/claims.ts';
import { type OpenedSnapshot, openSnapshot } from '../savepoint/open-snapshot.ts';
import { planRestore } from '../savepoint/plan-restore.ts';
import { restoreManifest } from '../savepoint/restore-manifest.ts';
import type { RestorePlan } from '../savepoint/restore-plan.ts';

/** What a job begins from, instead of from nothing. */
export interface RestoreRequest {
  /** A savepoint or a retained checkpoint: its directory, with a slash or not, or its `_metadata` file. */
  readonly path: string;
  /** Flink's `-n`: state that the program has no place for is left behind. Default false. */
  readonly allowNonRestoredState?: boolean;
  /** Default `no_claim`: the snapshot stays the user's, and is needed until the job's first checkpoints are complete. */
  readonly claimMode?: ClaimMode;
}

/** A restore that may go through: nothing was touched yet. */
export interface PlannedRestore {
  readonly snapshot: OpenedSnapshot;
  readonly plan: RestorePlan;
}

/** Opens the snapshot and plans, and touches nothing. Throws as openSnapshot does, and RESTORE_REFUSED. */
export async function plannedRestore(
  cloud: Cloud,
  { path, allowNonRestoredState = false }: RestoreRequest,
  graph: JobGraph,
): Promise<PlannedRestore> {
  const snapshot = await openSnapshot(cloud, path);
  const plan = planOf(snapshot, graph, allowNonRestoredState);
  if (plan.kind === 'refused') throw refused(snapshot.path, plan);
  return { snapshot, plan };
}

/** What a restore would do with a program's graph, touching nothing. Throws what is wrong with the snapshot, as openSnapshot does. */
export const checkRestore = async (
  cloud: Cloud,
  { path, allowNonRestoredState = false }: RestoreRequest,
  graph: JobGraph,
): Promise<RestorePlan> => planOf(await openSnapshot(cloud, path), graph, allowNonRestoredState);

const planOf = ({ manifest, record }: OpenedSnapshot, graph: JobGraph, allowNonRestoredState: boolean): RestorePlan =>
  planRestore(manifest, graph, { allowNonRestoredState, effectsDone: record?.effectsDone === true });

/** What the job's description says of it. */
export const restoredFrom = (
  { path, manifest, record }: OpenedSnapshot,
  { allowNonRestoredState = false, claimMode = 'no_claim' }: RestoreRequest,
  at: number,
): RestoredFrom => ({ path, checkpoint: manifest.checkpoint, kind: record?.kind ?? 'savepoint', claimMode, allowNonRestoredState, at });

/**
 * Claims the snapshot for the job and writes its restore manifest: what the job's record begins with. Called again for the
 * same description it comes to the same. Throws SAVEPOINT_DISPOSED and SAVEPOINT_CLAIMED: somebody was faster.
 */
export async function beginRestored(
  cloud: Cloud,
  snapshot: OpenedSnapshot,
  { jobId, name: jobName, graph, stateRoot, restored }: JobDescription,
): Promise<RestoredStart | undefined> {
  // Somebody else has submitted the id, from nothing.
  if (restored === undefined) return undefined;
  const { allowNonRestoredState, claimMode } = restored;
  const { owns } = await claimSnapshot(cloud, snapshot, { jobId, mode: claimMode });
  const plan = planOf(snapshot, graph, allowNonRestoredState);
  const repeatEffects = snapshot.record?.effectsDone !== true;
  const manifest = restoreManifest(snapshot.manifest, plan, graph, { jobId, jobName, owns, repeatEffects });
  const { uri, checksum } = await new ManifestStore(cloud).write(stateRoot, manifest);
  return {
    checkpoint: manifest.checkpoint,
    manifest: { uri, checksum },
    stamp: manifest.stamp,
    publish: manifest.vertices.some(({ subtasks }) => subtasks.some(({ committables }) => committables.length > 0)),
    foreign: isForeign(manifest),
  };
}

function refused(path: string, { refusals }: RestorePlan): WeirError {
  const unique = (texts: readonly string[]) => [...new Set(texts)].join(' ');
  const first = refusals[0]?.operator;
  return new WeirError({
    code: 'RESTORE_REFUSED',
    domain: 'user',
    message: `The job can't begin from ${path}: ${unique(refusals.map(({ message }) => message))}`,
    advice: unique(refusals.map(({ advice }) => advice)),
    subject: { path, ...(first === undefined ? {} : { operator: first.uid ?? first.name, operatorId: first.operatorId }) },
  });
}
