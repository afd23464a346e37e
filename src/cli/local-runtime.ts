import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { systemClock } from '../base/clock.ts';
import { messageOf, WeirError } from '../base/errors.ts';
import { systemRandom } from '../base/random.ts';
import { createBucket } from '../cloud/aws/create-bucket.ts';
import { createRecordTable } from '../cloud/aws/create-record-table.ts';
import { awsCloud } from '../cloud/aws/index.ts';
import { ControlService, type DeployRequest, type ProgramRecord } from '../control-api/control-service.ts';
import { type LocalServer, serveLocal } from '../control-api/serve-local.ts';
import { nextFiring } from '../deployment/schedule-times.ts';
import { type LocalCloud, startLocalCloud } from '../local-cloud/index.ts';
import { inspectorPortOf } from './inspector.ts';
import { type LocalInstance, removeInstance, writeInstance } from './instance-file.ts';
import { coordinatorFunctionName, isOfProgram, LocalPrograms, slotFunctionName, slotsPerProgram } from './local-programs.ts';
import { ownVersion } from './own-version.ts';

export interface InspectorOptions {
  /** Of slot 0; see inspectorPortOf. */
  readonly port: number;
  /** The job, if it is there already; else it is the one that is deployed. */
  readonly jobId?: string;
}

export interface LocalRuntimeOptions {
  /** Without it, everything is in memory and gone at the end. */
  readonly dataDirectory?: string;
  /** Of the control API; without it 8081 (in the background) or any that is free. */
  readonly port?: number;
  /** Where savepoints go that name no directory: a URI. Flink's state.savepoints.dir. */
  readonly savepointDirectory?: string;
  /** Whether live jobs get a driver: not for a mere look. */
  readonly drive: boolean;
  readonly kind: LocalInstance['kind'];
  /** What functions print, line by line; without it, it is only kept, in the data directory. */
  readonly onOutput?: (functionName: string, line: string) => void;
  /** The slots of one job wait for a debugger, and nothing has a time limit. */
  readonly inspector?: InspectorOptions;
}

const table = 'weir';
const bucket = 'weir';
const stateRoot = `s3://${bucket}/state`;
const defaultPort = 8081;
const sweepMs = 10_000;
/** How often schedules are looked at. */
const scheduleMs = 1_000;

/**
 * All of Weir in this process and its children: the embedded cloud, deployed programs, the control API, and the
 * supervision of jobs that in AWS an event rule and a schedule do.
 */
export class LocalRuntime implements AsyncDisposable {
  readonly #cloud: LocalCloud;
  readonly #service: ControlService;
  readonly #server: LocalServer;
  readonly #instance: string;
  readonly #directory: string;
  readonly #options: LocalRuntimeOptions;
  readonly #ending = new AbortController();
  #closed: Promise<void> | undefined;

  private constructor(parts: {
    readonly cloud: LocalCloud;
    readonly service: ControlService;
    readonly server: LocalServer;
    readonly instance: string;
    readonly directory: string;
    readonly options: LocalRuntimeOptions;
  }) {
    this.#cloud = parts.cloud;
    this.#service = parts.service;
    this.#server = parts.server;
    this.#instance = parts.instance;
    this.#directory = parts.directory;
    this.#options = parts.options;
  }

  /** Ready to be asked when this resolves; jobs that were live have their drivers again. */
  static async start(options: LocalRuntimeOptions): Promise<LocalRuntime> {
    const { dataDirectory, inspector, onOutput = () => undefined } = options;
    let inspected: string | undefined;
    const directory = dataDirectory ?? mkdtempSync(join(tmpdir(), 'weir-memory-'));
    const local = await startLocalCloud({
      onFunctionLog: ({ functionName, line }) => onOutput(functionName, line),
      ...(dataDirectory === undefined ? {} : { dataDir: dataDirectory }),
      variables: functionVariables(inspector),
      timeLimits: inspector === undefined,
      inspectorPort: (name) =>
        inspector !== undefined && isOfProgram(name, inspected) ? inspectorPortOf(name, inspector.port) : undefined,
    });
    try {
      // Whatever this process asks of AWS from now on, it asks the embedded one.
      Object.assign(process.env, local.endpoints);
      await createStores();
      const cloud = awsCloud({ table });
      const sourceMaps = inspector === undefined ? 'linked' : 'inline';
      const programs = new LocalPrograms({ local, records: cloud.records, clock: systemClock, directory, table, sourceMaps });
      const instance = systemRandom.hex(8);
      const deploy = async (request: DeployRequest): Promise<ProgramRecord> => {
        const program = await programs.deploy(request);
        inspected = program.programId;
        return program;
      };
      const service = new ControlService(cloud, {
        stateRoot,
        version: ownVersion(),
        instance,
        deploy,
        publisher: programs.publisher,
        local: true,
        ...(options.savepointDirectory === undefined ? {} : { savepointDirectory: options.savepointDirectory }),
      });
      if (inspector?.jobId !== undefined) inspected = (await service.jobs.get(inspector.jobId))?.description.program.programId;
      const server = await serve(service, options);
      const runtime = new LocalRuntime({ cloud: local, service, server, instance, directory, options });
      await runtime.#begin();
      return runtime;
    } catch (thrown) {
      await local.stop();
      throw thrown;
    }
  }

  /** Of the control API. */
  get url(): string {
    return this.#server.url;
  }

  /** Starts what a job of the program calls first, its coordinator and so many slots, while the job is submitted. */
  warm(programId: string, slots: number): void {
    this.#cloud.warmFunction(coordinatorFunctionName(programId));
    for (let slot = 0; slot < Math.min(slots, slotsPerProgram); slot++) this.#cloud.warmFunction(slotFunctionName(programId, slot));
  }

  /** Calls whenever a driver has ended, and a job perhaps with it. Returns how to hear no more. */
  onDriverEnded(listener: () => void): () => void {
    return this.#cloud.onExecutionEnded(listener);
  }

  /** Ends the process of a program's slot at once, in the middle of whatever it does. */
  async killSlot(programId: string, slot: number): Promise<void> {
    await this.#cloud.killEnvironment(slotFunctionName(programId, slot));
  }

  /** Jobs stay where they are. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #begin(): Promise<void> {
    const { dataDirectory, drive, kind } = this.#options;
    if (!drive) return;
    this.#cloud.onExecutionEnded(({ name }) => void this.#supervise(name.split('-')[0]));
    await this.#supervise(undefined);
    void this.#sweep();
    void this.#fireSchedules();
    if (dataDirectory === undefined) return;
    writeInstance(dataDirectory, {
      instance: this.#instance,
      pid: process.pid,
      url: this.url,
      kind,
      startedAt: systemClock.now(),
      environment: this.#cloud.endpoints,
    });
  }

  /** What an event missed, or could not do at once, is done later. */
  async #sweep(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      await systemClock.sleep(sweepMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.#supervise(undefined);
      const { deployments, scheduled } = this.#service;
      await this.#attempt('Looking after deployments', async () => deployments?.sweep());
      await this.#attempt('Looking after scheduled savepoints', () => scheduled.sweep());
    }
  }

  /** Schedules fire while the local cloud runs; what was due while it did not is not made up for, as an alarm that slept is not. */
  async #fireSchedules(): Promise<void> {
    const { signal } = this.#ending;
    let looked = systemClock.now();
    while (!signal.aborted) {
      await systemClock.sleep(scheduleMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      const now = systemClock.now();
      for (const { name, schedule } of (await this.#service.deployments?.list().catch(() => [])) ?? []) {
        if (schedule === undefined) continue;
        const due = nextFiring(schedule.expression, schedule.timeZone ?? 'UTC', looked);
        if (due === undefined || due > now) continue;
        const { keep, maxAgeMs } = schedule;
        const retention = { ...(keep === undefined ? {} : { keep }), ...(maxAgeMs === undefined ? {} : { maxAgeMs }) };
        void this.#attempt(`The scheduled savepoint of ${name}`, () => this.#service.scheduled.fire(name, due, retention));
      }
      looked = now;
    }
  }

  async #supervise(jobId: string | undefined): Promise<void> {
    if (this.#ending.signal.aborted) return;
    await this.#attempt(`Supervision of ${jobId ?? 'jobs'}`, () => this.#service.jobs.supervise(jobId));
  }

  async #attempt(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      if (!this.#ending.signal.aborted) process.stderr.write(`${what} failed, and is tried again: ${messageOf(thrown)}\n`);
    }
  }

  async #end(): Promise<void> {
    const { dataDirectory } = this.#options;
    this.#ending.abort();
    await this.#server.close();
    await this.#cloud.stop();
    if (dataDirectory === undefined) rmSync(this.#directory, { recursive: true, force: true });
    else removeInstance(dataDirectory, this.#instance);
  }
}

/** What functions go by beside the addresses of the embedded AWS. */
function functionVariables(inspector: InspectorOptions | undefined): Record<string, string> {
  const levelMs = process.env['WEIR_LEVEL_MS'];
  return {
    WEIR_FREEZE: 'sample',
    ...(levelMs === undefined ? {} : { WEIR_LEVEL_MS: levelMs }),
    ...(inspector === undefined ? {} : { WEIR_TIME_LIMITS: 'off' }),
  };
}

async function createStores(): Promise<void> {
  const dynamodb = new DynamoDBClient({});
  const s3 = new S3Client({ forcePathStyle: true });
  try {
    await Promise.all([createRecordTable({ client: dynamodb, table, clock: systemClock }), createBucket({ client: s3, bucket })]);
  } finally {
    dynamodb.destroy();
    s3.destroy();
  }
}

/** The usual port is taken where it can be had; one that was asked for must be had. */
async function serve(service: ControlService, { port, kind }: LocalRuntimeOptions): Promise<LocalServer> {
  if (port !== undefined || kind === 'foreground') return serveLocal({ service, port: port ?? 0 });
  try {
    return await serveLocal({ service, port: defaultPort });
  } catch (thrown) {
    if (WeirError.is(thrown) && thrown.code === 'PORT_IN_USE') return serveLocal({ service });
    throw thrown;
  }
}
