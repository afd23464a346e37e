import { checksumOf, utf8 } from '../base/bytes.ts';
import type { RecordKey } from '../cloud/index.ts';

/**
 * The name of everything that is stored; docs/STORED-DATA.md explains each. Nobody else puts keys together.
 * Numbers inside names are padded so that names sort as the numbers do.
 */
const padded = (value: number): string => String(value).padStart(10, '0');

export interface SubtaskName {
  readonly vertexId: string;
  /** 0 to parallelism - 1; -1 is the split enumerator of a source vertex. */
  readonly subtask: number;
}
const subtaskName = (of: SubtaskName): string => `${of.vertexId}-${of.subtask === -1 ? 'enumerator' : of.subtask}`;

export interface AttemptName {
  readonly jobId: string;
  readonly checkpoint: number;
  readonly attempt: number;
}

export const recordKeys = {
  job: (jobId: string): RecordKey => ({ partition: `job/${jobId}`, sort: 'record' }),
  jobDescription: (jobId: string): RecordKey => ({ partition: `job/${jobId}`, sort: 'description' }),
  /** What `weir` deployed: a ProgramRef with its name and time. */
  program: (programId: string): RecordKey => ({ partition: 'programs', sort: programId }),
  /** One entry per job, written once at submission: what a listing of jobs goes by. */
  jobIndex: (startedAt: number, jobId: string): RecordKey => ({
    partition: 'jobs',
    sort: `${String(startedAt).padStart(15, '0')}/${jobId}`,
  }),
  jobIndexPartition: 'jobs',
  /** One entry per job that lives, written before its record: what the sweep goes by. */
  liveJob: (jobId: string): RecordKey => ({ partition: recordKeys.liveJobsPartition, sort: jobId }),
  liveJobsPartition: 'live-jobs',
  /** One entry per disposal that is under way, written before its operation. */
  liveDisposal: (operationId: string): RecordKey => ({ partition: recordKeys.liveDisposalsPartition, sort: operationId }),
  liveDisposalsPartition: 'live-disposals',
  /** There once all jobs and disposals of before there were such entries have them. */
  liveIndexed: { partition: 'live', sort: 'indexed' },
  deployment: (name: string): RecordKey => ({ partition: recordKeys.deploymentsPartition, sort: name }),
  deploymentsPartition: 'deployments',
  /** A savepoint by the clock; `scheduledAt` in milliseconds. */
  scheduledSavepoint: (deployment: string, scheduledAt: number): RecordKey => ({
    partition: recordKeys.scheduledSavepointsPartition(deployment),
    sort: String(scheduledAt).padStart(15, '0'),
  }),
  scheduledSavepointsPartition: (deployment: string): string => `scheduled/${deployment}`,
  /** One entry per scheduled savepoint that is under way, written before its record. */
  liveScheduled: (deployment: string, scheduledAt: number): RecordKey => ({
    partition: recordKeys.liveScheduledPartition,
    sort: `${deployment}/${String(scheduledAt).padStart(15, '0')}`,
  }),
  liveScheduledPartition: 'live-scheduled',
  acknowledgement: (of: AttemptName, subtask: SubtaskName): RecordKey => ({
    partition: `ack/${of.jobId}/${subtaskName(subtask)}`,
    sort: `${padded(of.checkpoint)}/${padded(of.attempt)}`,
  }),
  segment: (of: AttemptName, subtask: SubtaskName, nonce: string): RecordKey => ({
    partition: segmentPartition(of.jobId, subtask),
    sort: `${padded(of.checkpoint)}/${padded(of.attempt)}/${nonce}`,
  }),
  accumulators: (of: AttemptName): RecordKey => ({
    partition: `accumulators/${of.jobId}`,
    sort: `${padded(of.checkpoint)}/${padded(of.attempt)}`,
  }),
  /** By trigger id; disposals have no job. */
  operation: (jobId: string | undefined, operationId: string): RecordKey => ({
    partition: recordKeys.operationsPartition(jobId),
    sort: operationId,
  }),
  operationsPartition: (jobId: string | undefined): string => `operations/${jobId ?? 'disposal'}`,
  /** By path; of a path that names a directory, without a slash at its end. */
  snapshot: (path: string): RecordKey => ({ partition: `snapshot/${checksumOf(utf8(path))}`, sort: 'record' }),
  /** What a job's snapshots are found by, in the order of their checkpoints; its field is `path`. Written before the record. */
  snapshotIndex: (of: { readonly jobId: string; readonly checkpoint: number; readonly path: string }): RecordKey => ({
    partition: recordKeys.snapshotIndexPartition(of.jobId),
    sort: `${padded(of.checkpoint)}/${checksumOf(utf8(of.path))}`,
  }),
  snapshotIndexPartition: (jobId: string): string => `snapshots/${jobId}`,
  /** Sorts just before the entries of snapshots at this checkpoint. */
  snapshotIndexFrom: (checkpoint: number): string => padded(checkpoint),
} as const;

/** Of a segment's record: whom its name says it is of. */
export const attemptOfSegment = (key: RecordKey): { readonly checkpoint: number; readonly attempt: number } => {
  const [checkpoint, attempt] = key.sort.split('/');
  return { checkpoint: Number(checkpoint), attempt: Number(attempt) };
};

/** The partition that the records of a subtask's segments are in. */
export const segmentPartition = (jobId: string, subtask: SubtaskName): string => `segment/${jobId}/${subtaskName(subtask)}`;

/** What an object below a state directory is, by its name; nothing for what is none of ours. */
export function objectOfName(root: string, uri: string): StateObject | undefined {
  const path = uri.slice(root.length + 1);
  const manifest = /^checkpoints\/([0-9a-f]{32})\/chk-(\d+)\/manifest-(\d+)-[0-9a-f]+$/.exec(path);
  const segment = /^checkpoints\/([0-9a-f]{32})\/chk-(\d+)\/[0-9a-f]+-\d+-(\d+)-[^/]+$/.exec(path);
  const exchange = /^exchange\/([0-9a-f]{32})\/(\d+)-(\d+)\/[^/]+$/.exec(path);
  const result = /^results\/([0-9a-f]{32})\/(visible|staged)\/./.exec(path);
  if (result !== null) return { kind: result[2] === 'visible' ? 'result' : 'stagedResult', jobId: result[1]!, checkpoint: 0, attempt: 0 };
  const match = manifest ?? segment ?? exchange;
  if (match === null) return undefined;
  const kind = manifest !== null ? 'manifest' : segment !== null ? 'segment' : 'exchange';
  return { kind, jobId: match[1]!, checkpoint: Number(match[2]), attempt: Number(match[3]) };
}

export interface StateObject extends AttemptName {
  /** Of results neither checkpoint nor attempt is told: both are 0. */
  readonly kind: 'manifest' | 'segment' | 'exchange' | 'result' | 'stagedResult';
}

/** The checkpoint that an entry of a snapshot index is of. */
export const checkpointOfSnapshotIndex = (key: RecordKey): number => Number(key.sort.slice(0, key.sort.indexOf('/')));

/** `root` is the deployment's state directory, e.g. `s3://bucket/weir`, without a slash at its end. */
export const objectUris = {
  checkpointDirectory: (root: string, jobId: string, checkpoint: number): string => `${root}/checkpoints/${jobId}/chk-${checkpoint}`,
  manifest: (root: string, of: AttemptName, checksum: string): string =>
    `${objectUris.checkpointDirectory(root, of.jobId, of.checkpoint)}/manifest-${of.attempt}-${checksum}`,
  segment: (root: string, of: AttemptName, subtask: SubtaskName, nonce: string): string =>
    `${objectUris.checkpointDirectory(root, of.jobId, of.checkpoint)}/${subtaskName(subtask)}-${of.attempt}-${nonce}`,
  exchange: (root: string, of: AttemptName, subtask: SubtaskName, nonce: string): string =>
    `${root}/exchange/${of.jobId}/${of.checkpoint}-${of.attempt}/${subtaskName(subtask)}-${nonce}`,
  /** The index of a level that is fed by many; expires with the rest of what is exchanged. */
  levelIndex: (root: string, of: AttemptName, level: number, nonce: string): string =>
    `${root}/exchange/${of.jobId}/${of.checkpoint}-${of.attempt}/level-${level}-${nonce}`,
  /** State on its way into a manifest that holds it itself: under the memory backend, what is too large for an acknowledgement. */
  stateOnItsWay: (root: string, of: AttemptName, subtask: SubtaskName, nonce: string): string =>
    `${objectUris.exchange(root, of, subtask, nonce)}-state`,
  /** A savepoint's directory: Flink's form. `salt` tells savepoints of one job apart. */
  savepoint: (directory: string, jobId: string, salt: string): string =>
    `${directory}/savepoint-${jobId.slice(0, 6)}-${checksumOf(utf8(salt)).slice(0, 12)}`,
  /** What a job collects as its results. */
  results: (root: string, jobId: string): string => `${root}/results/${jobId}`,
  /** The beginning of the names of what is committed; then come the result's name, a slash, and the checkpoint. */
  visibleResults: (root: string, jobId: string): string => `${objectUris.results(root, jobId)}/visible/`,
  metadata: (path: string): string => `${path}/_metadata`,
} as const;

/**
 * What an operation of a deployment calls its own: the same names at every try. `what` tells them apart. 32 hex digits, as
 * job ids and trigger ids are.
 */
export const derivedId = (deployment: string, operationId: string, what: string): string =>
  checksumOf(utf8(`${deployment}\0${operationId}\0${what}`));

/** The job that an execution drives, from its name; nothing if it is none of ours. */
export const jobOfExecution = (name: string): string | undefined => /^([0-9a-f]{32})-\d+$/.exec(name)?.[1];

/** A job's executions, one per generation. */
export const executionName = (jobId: string, generation: number): string => `${jobId}-${generation}`;
