import { WeirError } from '../../../src/base/errors.ts';
import type { Cloud, RecordFields } from '../../../src/cloud/index.ts';
import { JobService, type SubmitRequest } from '../../../src/job/job-service.ts';
import { type CancelReply, RequestService, type TriggerRequest } from '../../../src/job/request-service.ts';
import { isTerminal, type JobRecord } from '../../../src/protocol/job-record.ts';
import { recordKeys } from '../../../src/protocol/names.ts';
import type { OperationRecord, OperationResult } from '../../../src/protocol/operation.ts';
import type { SnapshotRecord } from '../../../src/protocol/snapshot-record.ts';
import { type Disposal, type DisposeOptions, disposeSnapshot } from '../../../src/savepoint/dispose-snapshot.ts';
import { explainStorage } from '../../../src/savepoint/explain-storage.ts';
import type { JobDefinition } from '../../../src/stream/define-job.ts';
import { Checkers } from '../../../src/testing/checkers/checkers.ts';
import { Violations } from '../../../src/testing/checkers/violations.ts';
import { type CollectSink, decodeCollected } from '../../../src/testing/collect-sink.ts';
import type { FaultPlan } from '../../../src/testing/faults.ts';
import { outside } from '../../../src/testing/port-calls.ts';
import { SimulatedCloud } from '../../../src/testing/simulated-cloud.ts';
import { deploySimulated, savepointDirectory, stateRoot, supervisorFunction } from '../../../src/testing/simulated-deployment.ts';
import { Environment } from '../../../src/testing/simulated-functions.ts';

export interface WorldOptions {
  readonly seed?: number | string;
  readonly faults?: FaultPlan;
  readonly slots?: number;
  readonly environmentsPerFunction?: number;
  readonly files?: { readonly [uri: string]: string };
}

/** What a client was told, who asked again until it was told something. */
export type Told<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

export type Submission = Omit<SubmitRequest, 'programId' | 'args'> & Partial<Pick<SubmitRequest, 'args'>>;

const day = 24 * 3_600_000;
const sweepMs = 300_000;
const retryMs = 700;
const pollMs = 400;
const triesMax = 50;

/**
 * One simulated cloud with as many programs, jobs and clients as a test wants; all of its jobs are watched by the checkers,
 * and so is everything that is deleted.
 */
export class World {
  readonly cloud: SimulatedCloud;
  readonly violations: Violations = new Violations();
  readonly #checkers = new Map<string, Checkers>();
  readonly #slots: number;
  #clients = 0;

  constructor(options: WorldOptions = {}) {
    this.cloud = new SimulatedCloud(options);
    this.#slots = options.slots ?? 2;
    for (const [uri, text] of Object.entries(options.files ?? {})) this.cloud.objects.place(uri, new TextEncoder().encode(text));
    this.#supervise();
  }

  /** A program by this name, from now on. */
  deploy(name: string, definition: JobDefinition): void {
    deploySimulated(this.cloud, definition, this.#slots, name);
  }

  /** Begins a job under an id of its own, whatever goes wrong on the way; or says why there is none. */
  async submit(programId: string, request: Submission = {}): Promise<Told<string>> {
    const jobId = request.jobId ?? this.cloud.for().random.hex(16);
    await this.watch(jobId, request.restore !== undefined);
    return await this.client(async (cloud) => {
      const jobs = new JobService(cloud, { stateRoot });
      return (await jobs.submit({ args: {}, checkpointIntervalMs: 1_000, ...request, programId, jobId })).jobId;
    });
  }

  /** As `submit`, where nothing may be refused. */
  async start(programId: string, request: Submission = {}): Promise<string> {
    const told = await this.submit(programId, request);
    if (told.kind === 'refused') throw new Error(`${programId} was refused with ${told.code}: ${told.message}`);
    return told.value;
  }

  /** Asks a job for something, and again under the same id until there is a result. */
  async ask(request: Omit<TriggerRequest, 'id'>): Promise<OperationResult | { readonly kind: 'refused'; readonly code: string }> {
    const id = this.cloud.for().random.hex(16);
    const { jobId } = request;
    const triggered = await this.client((cloud) => requestsOf(cloud).trigger({ ...request, id }));
    if (triggered.kind === 'refused') return triggered;
    for (;;) {
      const told = await this.client<OperationRecord>((cloud) => requestsOf(cloud).operation(jobId, id));
      if (told.kind === 'refused') return told;
      if (told.value.state.kind === 'completed') return told.value.state.result;
      await this.cloud.clock.sleep(pollMs);
    }
  }

  /** As `ask` for something that must come to a savepoint; its path. */
  async savepoint(request: Omit<TriggerRequest, 'id'>): Promise<string> {
    const result = await this.ask(request);
    if (result.kind !== 'savepoint') throw new Error(`There is no savepoint: ${JSON.stringify(result)}`);
    return result.path;
  }

  cancel(jobId: string): Promise<Told<CancelReply>> {
    return this.client((cloud) => requestsOf(cloud).cancel(jobId));
  }

  dispose(path: string, options: DisposeOptions = {}): Promise<Told<Disposal>> {
    return this.client((cloud) => disposeSnapshot(cloud, path, options));
  }

  /**
   * Does it in an environment of its own, and again in a fresh one after every loss and every error that says nothing: until
   * it is done, or refused for a reason.
   */
  async client<T>(run: (cloud: Cloud) => Promise<T>): Promise<Told<T>> {
    const name = `client-${this.#clients++}`;
    for (let tries = 0; tries < triesMax; tries++) {
      const environment = new Environment(`${name}.${tries}`);
      const lost = new Promise<'again'>((resolve) => {
        environment.onLost = () => resolve('again');
      });
      const outcome = await Promise.race([lost, run(this.cloud.for(environment)).then(done, refused)]);
      if (outcome !== 'again') return outcome;
      await this.cloud.clock.sleep(retryMs);
    }
    throw new Error(`${name} was told nothing in ${triesMax} tries.`);
  }

  record(jobId: string): JobRecord | undefined {
    return this.cloud.records.peek(recordKeys.job(jobId))?.fields as unknown as JobRecord | undefined;
  }

  snapshot(path: string): SnapshotRecord | undefined {
    return this.cloud.records.peek(recordKeys.snapshot(path))?.fields as unknown as SnapshotRecord | undefined;
  }

  /** Once the job's record is so, or the job has ended. */
  async when(jobId: string, isSo: (record: JobRecord) => boolean): Promise<JobRecord> {
    const key = recordKeys.job(jobId);
    return await new Promise((resolve) => {
      const look = (record: JobRecord | undefined) => {
        if (record !== undefined && (isSo(record) || hasEnded(record))) resolve(record);
      };
      look(this.record(jobId));
      this.cloud.records.observe({
        onRecord: (change) => {
          if (change.key.partition === key.partition && change.key.sort === key.sort)
            look(change.after?.fields as unknown as JobRecord | undefined);
        },
      });
    });
  }

  atCheckpoint(jobId: string, checkpoint: number): Promise<JobRecord> {
    return this.when(jobId, ({ latest }) => latest.checkpoint >= checkpoint);
  }

  /** Once it has ended and nothing is left to be done for it. */
  ended(jobId: string): Promise<JobRecord> {
    return this.when(jobId, () => false);
  }

  /** What a sink has made visible, of one job or of all. */
  output<T>(sink: CollectSink<T>, jobId = ''): readonly T[] {
    const { objects } = this.cloud;
    return objects.names(`${sink.collectedUri}${jobId}`).flatMap((uri) => decodeCollected(objects.peek(uri)!)) as readonly T[];
  }

  /** Of which a reader would list the names below this one, as sorted lines. */
  lines(uriPrefix: string): readonly string[] {
    const { objects } = this.cloud;
    const visible = objects.names(uriPrefix).filter((uri) => !/(^|\/)\./.test(uri.slice(uriPrefix.length)));
    const texts = visible.map((uri) => new TextDecoder().decode(objects.peek(uri)));
    return texts.flatMap((text) => text.split('\n').filter((line) => line !== '')).sort();
  }

  /** Lets a job that has just begun read so many records in its first epoch, and a few times as many in each of the next ones. */
  readsInBits(jobId: string, records: number): void {
    const record = this.record(jobId)!;
    const batch = { ...record.batch, records };
    this.cloud.records.place(recordKeys.job(jobId), { ...record, batch } as unknown as RecordFields);
  }

  /** Names of all that is stored as state, but for exchange data, which expires by itself. */
  async stored(): Promise<readonly string[]> {
    const items = await explainStorage(this.cloud.for(), { stateRoot });
    return items.filter(({ what }) => what?.kind !== 'exchange').map(({ name }) => name);
  }

  /** Once everything is over: what every job that has ended owes. */
  checkEnd(): void {
    for (const [jobId, checkers] of this.#checkers) {
      const record = this.record(jobId);
      if (record !== undefined && hasEnded(record)) checkers.checkEnd(record);
    }
  }

  /** Lets the checkers see all that becomes of a job, if they don't yet. */
  async watch(jobId: string, restored: boolean): Promise<void> {
    if (this.#checkers.has(jobId)) return;
    const checkers = await Checkers.over({ cloud: this.cloud, jobId, restored });
    checkers.violations.onFirst((violation) => this.violations.add(0, violation));
    this.#checkers.set(jobId, checkers);
  }

  /** As the event rule on ended executions and the slow sweep do. */
  #supervise(): void {
    const look = () => this.cloud.functions.invoke({ ...outside, name: 'rule' }, supervisorFunction, {}).catch(() => undefined);
    this.cloud.workflows.onEnded(() => void look());
    const sweep = async (): Promise<void> => {
      for (;;) {
        await this.cloud.clock.sleep(sweepMs);
        await look();
      }
    };
    void sweep();
  }
}

/** How long the world goes on after a test is done with it, so that what is late comes to nothing. */
const aftermathMs = 900_000;

/**
 * Lives in a world, and lets it go on for a while. Throws what `live` throws, what the checkers found, and when a day of
 * virtual time is over; each with the seed and the faults.
 */
export async function inWorld<T>(options: WorldOptions, live: (world: World) => Promise<T>): Promise<T> {
  // The interpreter of workflows makes errors by the thousand to leave loops; their stacks would take most of the time.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const world = new World(options);
  const { cloud, violations } = world;
  try {
    const broken = new Promise<never>((_, reject) => violations.onFirst((violation) => reject(new Error(violation))));
    const stuck = cloud.clock.sleep(day).then(() => Promise.reject(new Error('A day went by, and it was not done.')));
    broken.catch(() => undefined);
    stuck.catch(() => undefined);
    const lived = await Promise.race([live(world), broken, stuck]);
    await Promise.race([cloud.clock.sleep(aftermathMs), broken]);
    world.checkEnd();
    if (violations.found.length > 0) throw new Error(violations.found.slice(0, 5).join('\n'));
    return lived;
  } catch (error) {
    const struck = cloud.calls.journal.filter((line) => line.includes(' [')).slice(0, 30);
    const trail = [...struck, '...', ...cloud.calls.journal.slice(-15)].map((line) => line.slice(0, 220)).join('\n');
    throw new Error(
      `${error instanceof Error ? error.message : String(error)}\nSeed ${options.seed ?? 1}; the faults and last calls were:\n${trail}`,
    );
  } finally {
    cloud.stop();
    Error.stackTraceLimit = stackTraceLimit;
  }
}

const hasEnded = ({ status, effects }: JobRecord): boolean => isTerminal(status) && effects === undefined;

const requestsOf = (cloud: Cloud): RequestService => new RequestService(cloud, { savepointDirectory });

const done = <T>(value: T): Told<T> => ({ kind: 'done', value });

/** What says nothing about the matter, and so is tried again. */
const passing: ReadonlySet<string> = new Set([
  'SERVICE_FAILED',
  'THROTTLED',
  'FUNCTION_FAILED',
  'JOB_RECORD_CONTENDED',
  'SNAPSHOT_CONTENDED',
]);

function refused(error: unknown): Told<never> | 'again' {
  if (!WeirError.is(error) || error.domain === 'internal') throw error;
  return passing.has(error.code) ? 'again' : { kind: 'refused', code: error.code, message: error.message };
}
