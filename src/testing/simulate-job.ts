import { utf8 } from '../base/bytes.ts';
import { WeirError } from '../base/errors.ts';
import type { RetentionPolicy } from '../graph/retention-policy.ts';
import { JobService } from '../job/job-service.ts';
import type { RestoreRequest } from '../job/restore-job.ts';
import type { FailureCause } from '../protocol/failure.ts';
import { totalAccumulators } from '../protocol/job-accumulators.ts';
import type { StateBackend } from '../protocol/job-description.ts';
import { isTerminal, type JobRecord } from '../protocol/job-record.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { objectUris, recordKeys } from '../protocol/names.ts';
import type { ClaimMode, SnapshotRecord } from '../protocol/snapshot-record.ts';
import { buildJob } from '../stream/build-job.ts';
import type { JobDefinition } from '../stream/define-job.ts';
import { accumulatorResult } from '../values/accumulator.ts';
import type { Portable } from '../values/portable.ts';
import { storedAccumulators } from './checkers/accumulator-checker.ts';
import { Checkers } from './checkers/checkers.ts';
import type { Violations } from './checkers/violations.ts';
import { type CollectSink, decodeCollected } from './collect-sink.ts';
import type { FaultPlan } from './faults.ts';
import { type Caller, outside } from './port-calls.ts';
import { SimulatedCloud } from './simulated-cloud.ts';
import { deploySimulated, stateRoot, supervisorFunction } from './simulated-deployment.ts';
import { makeRequests, type RequestAnswer, type SimulatedRequest } from './simulated-requests.ts';
import type { SimulatedWorld } from './simulated-world.ts';

export interface SimulationOptions {
  /** As on the command line after `--`. */
  readonly args?: Portable;
  readonly parallelism?: number;
  /** Functions that the subtasks are dealt out to; default 2. */
  readonly slots?: number;
  /** All that chance decides goes by it: ids, latencies, which environment serves a call. Default 1. */
  readonly seed?: number | string;
  /** Which port calls go wrong, and how. Default: none. */
  readonly faults?: FaultPlan;
  /**
   * So many environments of each function take turns, as chance picks: those that were passed over find their memory
   * behind. Default 1, as with a reserved concurrency of 1.
   */
  readonly environmentsPerFunction?: number;
  /** Objects that exist beforehand, by `s3://` or `file://` URI. */
  readonly files?: { readonly [uri: string]: string };
  /** Default 1,000. */
  readonly checkpointIntervalMs?: number;
  /**
   * Compares the state of every checkpoint, and what collecting sinks make visible, with a plain single-threaded run over
   * the same input. For jobs whose results do not depend on the order between splits. Default: false.
   */
  readonly compareWithReference?: boolean;
  /**
   * Compares every subtask at every checkpoint (state, watermark, output, all in order) with a plain single-threaded run
   * that has the same subtasks and ends its epochs at the same records. For any bounded job whose sources read each split
   * once in an epoch, or give each subtask one split. Default: false.
   */
  readonly compareSubtasks?: boolean;
  /** Segments larger than this are objects instead of records. */
  readonly segmentInlineBytes?: number;
  /** Default `dynamodb`. */
  readonly stateBackend?: StateBackend;
  /** What becomes of the job's checkpoints, before what the program says. */
  readonly retention?: Partial<RetentionPolicy>;
  /** What is asked of the job while it runs; the simulation goes on until all of it is answered. Savepoints go to `s3://simulation/savepoints`. */
  readonly requests?: readonly SimulatedRequest[];
  /**
   * Begins from a savepoint, or the retained checkpoint, of an earlier simulation, in the world that it left: its files and
   * all that was stored are there. The program may be another one, and so may the parallelism.
   */
  readonly resume?: ResumeOptions;
  /** Give up after so much virtual time; default one day. */
  readonly maxVirtualMs?: number;
}

export interface ResumeOptions {
  readonly from: Pick<SimulationResult, 'world' | 'restorable' | 'jobId'>;
  /** Default: the last savepoint that the earlier simulation was told of, else its job's retained checkpoint. */
  readonly path?: string;
  readonly allowNonRestoredState?: boolean;
  readonly claimMode?: ClaimMode;
}

export interface SimulationResult {
  readonly jobId: string;
  readonly status: JobRecord['status'];
  /** Why the job failed. */
  readonly cause: FailureCause | undefined;
  /** The visible output of a `collectSink`, by subtask and epoch. */
  output<T>(sink: CollectSink<T>): readonly T[];
  /** What `collect` made visible under this name, by epoch. Default `result`. */
  collected(name?: string): readonly unknown[];
  /**
   * All objects under these names that a reader would list, as text: neither what the engine keeps for itself, nor what is
   * staged or hidden otherwise, by a dot before a part of its name.
   */
  files(uriPrefix: string): { readonly [uri: string]: string };
  /** The job's savepoints and retained checkpoints as the deployment knows them, in the order of their checkpoints. */
  readonly snapshots: readonly SnapshotRecord[];
  /** The names of all objects that begin so, what the engine keeps for itself included. */
  stored(uriPrefix: string): readonly string[];
  /** What the job's accumulators have come to, by name. */
  readonly accumulators: { readonly [name: string]: ReturnType<typeof accumulatorResult> };
  /** Every port call with its fault and outcome: equal for equal seeds. */
  readonly journal: readonly string[];
  /** Completed checkpoints, in order. */
  readonly checkpoints: readonly Manifest[];
  /** The job record in the end: totals, statistics, generation. */
  readonly record: JobRecord;
  /** What each caller of each of the `requests` was told. */
  readonly answers: readonly (readonly RequestAnswer[])[];
  readonly virtualMs: number;
  /** Where a later simulation may resume: the last savepoint that somebody was told of, else the retained checkpoint. */
  readonly restorable: string;
  readonly world: SimulatedWorld;
}

const day = 24 * 3_600_000;
const sweepMs = 300_000;
/** How long the world goes on after the end of the job, so that what is late comes to nothing. */
const aftermathMs = 900_000;

/**
 * Runs a job to its end in one process, on simulated ports, in virtual time, under one seed. Throws `INVARIANT_BROKEN`
 * if anything went wrong that must not whatever the faults, and `SIMULATION_STUCK` if the job does not end.
 */
export async function simulateJob<Args>(definition: JobDefinition<Args>, options: SimulationOptions = {}): Promise<SimulationResult> {
  const { resume } = options;
  const seed = resume === undefined ? options.seed : `${options.seed ?? 1} after ${resume.from.jobId}`;
  const cloud = new SimulatedCloud({ ...options, ...(seed === undefined ? {} : { seed }), world: resume?.from.world });
  const startedAt = cloud.clock.now();
  const jobId = cloud.for().random.hex(16);
  try {
    for (const [uri, text] of Object.entries(options.files ?? {})) cloud.objects.place(uri, utf8(text));
    const program = deploySimulated(cloud, definition as JobDefinition, options.slots ?? 2);
    const checkers = await checkersOf(cloud, definition as JobDefinition, jobId, options);
    const { violations } = checkers;
    supervise(cloud);
    const ended = whenEnded(cloud, jobId);
    const broken = new Promise<'broken'>((resolve) => violations.onFirst(() => resolve('broken')));
    const stuck = cloud.clock.sleep(options.maxVirtualMs ?? day).then(() => 'stuck' as const);
    let answers: SimulationResult['answers'] = [];
    const answered = makeRequests(cloud, jobId, options.requests ?? []).then((told) => {
      answers = told;
    });
    const lived = submit(cloud, program.programId, jobId, options).then(async () => {
      await answered;
      return await ended;
    });
    const how = await Promise.race([lived, broken, stuck]);
    const virtualMs = cloud.clock.now() - startedAt;
    if (how === 'ended') await Promise.race([cloud.clock.sleep(aftermathMs), broken]);
    if (how === 'ended') checkers.checkEnd(recordOf(cloud, jobId)!);
    if (violations.found.length > 0) throw invariantBroken(violations, cloud, options);
    if (how === 'stuck') throw simulationStuck(cloud, jobId, options);
    const result = resultOf(cloud, jobId, checkers.manifests, virtualMs);
    return { ...result, answers, restorable: restorableOf(result, answers, resume), world: cloud.world };
  } finally {
    cloud.stop();
  }
}

/** What a user would restore from: of a job that was restored itself and completed no checkpoint, that is the same again. */
function restorableOf(
  { jobId, record }: Pick<SimulationResult, 'jobId' | 'record'>,
  answers: SimulationResult['answers'],
  resume: ResumeOptions | undefined,
): string {
  const paths = answers
    .flat()
    .flatMap((answer) => (answer.kind === 'completed' && answer.result.kind === 'savepoint' ? [answer.result.path] : []));
  if (resume !== undefined && record.latest.attempt === 0) return resume.path ?? resume.from.restorable;
  return paths.at(-1) ?? objectUris.checkpointDirectory(stateRoot, jobId, record.latest.checkpoint);
}

async function checkersOf(cloud: SimulatedCloud, definition: JobDefinition, jobId: string, options: SimulationOptions): Promise<Checkers> {
  const { args = {}, parallelism, compareWithReference = false, compareSubtasks = false } = options;
  // One each: functions that are objects are begun by both.
  const build = () => buildJob(definition, args, parallelism === undefined ? {} : { parallelism });
  return await Checkers.over({
    cloud,
    jobId,
    restored: options.resume !== undefined,
    ...(compareWithReference ? { referenceJob: build() } : {}),
    ...(compareSubtasks ? { subtasksOf: build() } : {}),
  });
}

/** As the event rule on ended executions and the slow sweep do: a function call that may fail, and is made again later. */
function supervise(cloud: SimulatedCloud): void {
  const rule: Caller = { ...outside, name: 'rule' };
  const look = () => cloud.functions.invoke(rule, supervisorFunction, {}).catch(() => undefined);
  cloud.workflows.onEnded(() => void look());
  const sweep = async (): Promise<void> => {
    for (;;) {
      await cloud.clock.sleep(sweepMs);
      await look();
    }
  };
  void sweep();
}

function whenEnded(cloud: SimulatedCloud, jobId: string): Promise<'ended'> {
  const job = recordKeys.job(jobId);
  return new Promise((resolve) => {
    cloud.records.observe({
      onRecord({ key, after }) {
        if (key.partition !== job.partition || key.sort !== job.sort || after === undefined) return;
        const record = after.fields as unknown as JobRecord;
        if (isTerminal(record.status) && record.effects === undefined) resolve('ended');
      },
    });
  });
}

/** Again and again under the same id, until it is answered: whatever was refused for good is thrown. */
async function submit(cloud: SimulatedCloud, programId: string, jobId: string, options: SimulationOptions): Promise<void> {
  const { args = {}, parallelism, checkpointIntervalMs = 1_000, segmentInlineBytes, stateBackend, retention, resume } = options;
  const jobs = new JobService(cloud.for(), { stateRoot });
  for (;;) {
    try {
      await jobs.submit({
        programId,
        jobId,
        args,
        checkpointIntervalMs,
        ...(parallelism === undefined ? {} : { parallelism }),
        ...(segmentInlineBytes === undefined ? {} : { segmentInlineBytes }),
        ...(retention === undefined ? {} : { retention }),
        ...(stateBackend === undefined ? {} : { stateBackend }),
        ...(resume === undefined ? {} : { restore: restoreOf(resume) }),
      });
      return;
    } catch (error) {
      if (!WeirError.is(error) || error.domain === 'user' || error.domain === 'program' || error.domain === 'internal') throw error;
      await cloud.clock.sleep(1_000);
    }
  }
}

const restoreOf = ({ from, path = from.restorable, allowNonRestoredState, claimMode }: ResumeOptions): RestoreRequest => ({
  path,
  ...(allowNonRestoredState === undefined ? {} : { allowNonRestoredState }),
  ...(claimMode === undefined ? {} : { claimMode }),
});

const recordOf = (cloud: SimulatedCloud, jobId: string): JobRecord | undefined =>
  cloud.records.peek(recordKeys.job(jobId))?.fields as unknown as JobRecord | undefined;

function resultOf(
  cloud: SimulatedCloud,
  jobId: string,
  checkpoints: readonly Manifest[],
  virtualMs: number,
): Omit<SimulationResult, 'answers' | 'restorable' | 'world'> {
  const record = recordOf(cloud, jobId)!;
  const { objects } = cloud;
  return {
    jobId,
    status: record.status,
    cause: record.cause,
    output: <T>(sink: CollectSink<T>) =>
      objects.names(sink.collectedUri).flatMap((uri) => decodeCollected(objects.peek(uri)!)) as readonly T[],
    collected: (name = 'result') =>
      objects.names(`${objectUris.visibleResults(stateRoot, jobId)}${name}/`).flatMap((uri) => decodeCollected(objects.peek(uri)!)),
    files: (uriPrefix) => {
      const visible = objects
        .names(uriPrefix)
        .filter((uri) => !uri.startsWith(`${stateRoot}/`) && !/(^|\/)\./.test(uri.slice(uriPrefix.length)));
      return Object.fromEntries(visible.map((uri) => [uri, new TextDecoder().decode(objects.peek(uri))]));
    },
    stored: (uriPrefix) => objects.names(uriPrefix),
    snapshots: cloud.records
      .peekAll(recordKeys.snapshotIndexPartition(jobId))
      .flatMap(({ fields }) => cloud.records.peek(recordKeys.snapshot(String(fields['path'])))?.fields as unknown as SnapshotRecord),
    accumulators: Object.fromEntries(
      totalAccumulators(storedAccumulators(cloud.records, jobId)).map(({ name, value }) => [name, accumulatorResult(value)]),
    ),
    journal: cloud.calls.journal,
    checkpoints,
    record,
    virtualMs,
  };
}

function invariantBroken(violations: Violations, cloud: SimulatedCloud, options: SimulationOptions): WeirError {
  return new WeirError({
    code: 'INVARIANT_BROKEN',
    domain: 'internal',
    message: `${violations.found.slice(0, 5).join('\n')}\nSeed ${options.seed ?? 1}; the faults and last calls were:\n${trail(cloud)}`,
  });
}

function simulationStuck(cloud: SimulatedCloud, jobId: string, options: SimulationOptions): WeirError {
  const record = recordOf(cloud, jobId);
  return new WeirError({
    code: 'SIMULATION_STUCK',
    domain: 'internal',
    message: `The job did not end within ${options.maxVirtualMs ?? day} ms of virtual time: ${JSON.stringify(record)}\nSeed ${options.seed ?? 1}; the faults and last calls were:\n${trail(cloud)}`,
  });
}

function trail(cloud: SimulatedCloud): string {
  const { journal } = cloud.calls;
  return [...journal.filter((line) => line.includes(' [')).slice(0, 40), '...', ...journal.slice(-20)]
    .map((line) => line.slice(0, 240))
    .join('\n');
}
