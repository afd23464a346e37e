import { assert } from './assert.ts';

/** Every bound of the system, in one place. Sizes in bytes, times in milliseconds, unless the name says otherwise. */
export const limits = {
  /** Requests (savepoint, cancel, stop) a job record holds at most; one more is refused. */
  pendingRequestsMax: 16,
  /**
   * A request that was taken but has not reached its job record so long after is lost, and fails: nobody wants a job stopped by
   * what he asked yesterday. Longer than any function lasts that could still be about to put it there.
   */
  requestArrivalMsMax: 300_000,
  /**
   * A savepoint's directory: with the names below it, a key of S3 has at most 1,024 bytes. Requests and their answers stand in
   * the job record, several times with their directory, which must not make it too large.
   */
  savepointDirectoryBytesMax: 900,
  /** Body of a request to the control API: a description, which holds arguments and a graph, is an item at most. */
  requestBytesMax: 1024 * 1024,
  /** How deep a request's body may be nested. */
  requestDepthMax: 64,
  /** Headers of a request with its first line, as Node counts them. */
  requestHeaderBytesMax: 16 * 1024,
  /** A URI or path that a request names: a bucket, and a key of S3 with at most 1,024 bytes. */
  placeCharactersMax: 2_048,
  /** The name of a program or result in a request. */
  nameCharactersMax: 256,
  /** One value of a query string. */
  queryCharactersMax: 4_096,
  /** A job's arguments as JSON. */
  argumentsBytesMax: 64 * 1024,
  /** Words of a job's arguments. */
  argumentWordsMax: 1_000,
  /** The longest interval of checkpoints: a year. */
  checkpointIntervalMsMax: 366 * 24 * 3_600_000,
  /** Step Functions' bound on a state's input and output. */
  workflowPayloadBytesMax: 256 * 1024,
  /** DynamoDB's bound on an item. */
  recordBytesMax: 400 * 1024,
  /** A segment up to this size is a DynamoDB item, above it an object. A setting; this is the default. */
  segmentInlineBytes: 64 * 1024,
  /** Output of a subtask up to this size travels inside its acknowledgement (8 KiB of writes cost what one PUT does). */
  outputInlineBytesMax: 8 * 1024,
  /** State that a slot loads within an epoch when it is behind; more is Prepare's to load. */
  loadWithinRunBytesMax: 1024 * 1024,
  /** State of one subtask under the `memory` backend. Flink's JobManagerCheckpointStorage has the same bound. */
  memoryBackendBytesMax: 5 * 1024 * 1024,
  /** State of a whole job under the `memory` backend: it is written again, inside the manifest, by every checkpoint. */
  memoryBackendTotalBytesMax: 16 * 1024 * 1024,
  /** More segments of one subtask than this make compaction rewrite more than what changed. */
  segmentsPerSubtaskSoftMax: 128,
  /** What a subtask rewrites in one epoch of the state that still lies in segments of what the job was restored from. */
  foreignRewriteBytesMax: 32 * 1024 * 1024,
  /** What a failure cause may take in a payload or record, as JSON, its stack trimmed first. */
  failureTextBytesMax: 4 * 1024,
  /** Below this, a failure cause says too little: code, domain, and where it was. */
  failureTextBytesMin: 512,
  /** What all replies of slots that travel in one payload may take together; the rest is the run's own. */
  repliesBytesMax: 200 * 1024,
  /** Slots that one workflow calls at once: an inline Map of Step Functions runs about forty iterations. */
  slotsPerGroupMax: 40,
  /** Slots of one job: as many groups as one workflow starts at once, and the concurrency that Lambda gives an account by default. */
  slotsMax: 1_000,
  /** Slots of one deployment: their ARNs, those of before too, travel in the payload of a workflow that waits for an upgrade. */
  deploymentSlotsMax: 800,
  /** Acknowledgements that the slots of one level would read, all together, before it is sealed. */
  sealedReadsMin: 1_024,
  /** One run of the checkpoint workflow; Express workflows end after five minutes. */
  checkpointRunMs: 50_000,
  /** The most that one epoch may take before its attempt is aborted. */
  epochMsMax: 120_000,
  /** One call of a slot to run a level, inside the epoch. */
  levelMsMax: 60_000,
  /** Loading a slot's state; also the time limit of the slot function. */
  prepareMsMax: 300_000,
  /** The same for slots that are called by groups: a group is an Express workflow, and must end within its five minutes. */
  prepareInGroupMsMax: 270_000,
  /** A coordinator step: inject, complete, abort. */
  coordinatorMsMax: 30_000,
  /** One try at writing the metadata of a savepoint, of three within a coordinator step. */
  savepointWriteMsMax: 7_000,
  /** A wait shorter than this is slept within the run; a longer one goes to a task token. */
  waitWithinRunMsMax: 10_000,
  /** Within such a wait, the driver looks this often whether something was asked for. */
  requestPollMs: 2_000,
  /** The longest sleep on a task token; then the driver looks again. */
  idleMsMax: 3_600_000,
  /** Runs of the checkpoint workflow in one generation, before it hands over (25,000 history events are the end). */
  runsPerGenerationMax: 800,
  /** Generations in a row without a completed checkpoint, before the job is given up. */
  fruitlessGenerationsMax: 10,
  /** Attempts in a row that were lost without a failure to count (environments gone), before the job is given up. */
  attemptsWithoutProgressMax: 1_000,
  /** What a source may read for one epoch: the start, and the bounds of what pace makes of it. */
  batchRecordsInitial: 20_000,
  batchRecordsMin: 16,
  batchRecordsMax: 4_000_000,
  batchBytesInitial: 4 * 1024 * 1024,
  batchBytesMin: 4 * 1024,
  batchBytesMax: 256 * 1024 * 1024,
  /** Parallelism and max parallelism, as in Flink (1 to 32768). */
  parallelismMax: 32_768,
  /** A claim on a snapshot holds so long before the job it is for exists: its submission may be on its way. */
  claimGraceMs: 15 * 60_000,
  /** What nothing refers to is collected only when it is older than this. */
  garbageGraceMs: 3_600_000,
  /** A canonical copy that has not come to its end so long after it was asked for is given up; the native savepoint stays. */
  copyMsMax: 6 * 3_600_000,
  /** How long one call works on a canonical copy before it leaves the rest to the next. */
  copyStepMs: 8_000,
  /** Of a deployment. */
  deploymentNameCharactersMax: 64,
  /** Names of state machines have at most 80 characters; what follows the prefix names the workflow and its digest. */
  workflowPrefixCharactersMax: 56,
  /** Ids of operations that a deployment remembers, so that none is begun a second time. */
  pastOperationsMax: 40,
  /** What an upgrade may take before it is taken back, where the target sets nothing else. */
  upgradeMsDefault: 30 * 60_000,
  /** CloudFormation waits an hour for a custom resource. */
  upgradeMsMax: 59 * 60_000,
  /** One stage of taking an upgrade back; the sweep goes on with what CloudFormation no longer waits for. */
  undoMsMax: 10 * 60_000,
  /** How long a deletion waits for the savepoint, and then for the cancellation. */
  deleteStopMsMax: 10 * 60_000,
  /** Functions that a stack gave up are deleted so long after: until then it may go back to them. */
  functionGraceMs: 24 * 3_600_000,
  /** How long one call works on an operation before it leaves the rest to the next. */
  upgradeStepMs: 20_000,
  /** How long whoever fires a scheduled savepoint waits for it, before it leaves the rest to the sweep. */
  scheduledSavepointMsMax: 240_000,
  /** Entries of scheduled savepoints that were skipped, or disposed of, are kept so long. */
  scheduledEntryTtlMs: 30 * 24 * 3_600_000,
  /** Requests to stores that one step has in flight at once. */
  storeCallsAtOnceMax: 32,
  /** Names of accumulators in one subtask. */
  accumulatorsPerSubtaskMax: 100,
  /** Numbers in the histograms of one subtask and epoch: accumulators travel in the acknowledgement. */
  accumulatorEntriesMax: 2_048,
  /** All accumulators of a job, as they are stored. */
  accumulatorBytesMax: 256 * 1024,
  /** Acknowledgements and exchange data expire after this. */
  acknowledgementTtlMs: 24 * 3_600_000,
} as const;

assert(limits.levelMsMax < limits.epochMsMax, 'a level fits into an epoch');
assert(limits.checkpointRunMs + limits.epochMsMax < limits.prepareMsMax, 'a run and the epoch it ends with fit into an Express workflow');
assert(limits.coordinatorMsMax < limits.requestArrivalMsMax, 'who takes a request is gone before it is lost');
assert(limits.prepareInGroupMsMax < limits.prepareMsMax, 'what is prepared in groups has to be done before the workflow of the group ends');
assert(limits.slotsMax <= limits.slotsPerGroupMax ** 2, 'a workflow starts all groups at once');
assert(limits.failureTextBytesMax * limits.slotsPerGroupMax <= limits.repliesBytesMax, 'the replies of a group fit into a payload');
assert(limits.repliesBytesMax < limits.workflowPayloadBytesMax, 'replies leave room for the run');
assert(3 * limits.savepointWriteMsMax < limits.coordinatorMsMax, 'all tries at a savepoint fit into the step');
assert(limits.segmentInlineBytes < limits.recordBytesMax, 'an inline segment fits into an item');
assert(limits.outputInlineBytesMax + limits.failureTextBytesMax < limits.recordBytesMax, 'an acknowledgement fits into an item');
assert(limits.memoryBackendBytesMax <= limits.memoryBackendTotalBytesMax, 'what one subtask may have fits into what a job may have');
assert(
  limits.batchRecordsMin <= limits.batchRecordsInitial && limits.batchRecordsInitial <= limits.batchRecordsMax,
  'batch bounds are ordered',
);
assert(
  limits.requestBytesMax > limits.recordBytesMax && limits.argumentsBytesMax < limits.recordBytesMax,
  'what a job can be described by fits into a request, and its arguments into its description',
);
assert(limits.upgradeMsDefault + 2 * limits.undoMsMax < limits.upgradeMsMax, 'an upgrade is taken back while its stack still waits');
assert(4 * limits.deleteStopMsMax < limits.upgradeMsMax, 'a deletion comes to its end while its stack still waits');
assert(limits.accumulatorBytesMax < limits.recordBytesMax, 'all accumulators fit into an item');
