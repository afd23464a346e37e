import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { LocalRuntime } from '../../src/cli/local-runtime.ts';
import { awsCloud } from '../../src/cloud/aws/index.ts';
import { controlClient } from '../../src/control-api/client.ts';
import { ControlService } from '../../src/control-api/control-service.ts';
import { type LocalServer, serveLocal } from '../../src/control-api/serve-local.ts';

const guideJob = fileURLToPath(new URL('../../examples/savepoint-guide/job.ts', import.meta.url));

/** What requests may name that there is. */
export interface Known {
  readonly program: string;
  /** Goes on, but nobody drives it. */
  readonly live: string;
  readonly ended: string;
  readonly vertex: string;
  /** Of the same job, one that is kept. */
  readonly checkpoint: number;
  /** Of the job that has ended. */
  readonly operation: string;
  readonly savepoint: string;
  readonly disposal: string;
  readonly jobGraph: object;
}

/**
 * An embedded cloud with jobs as they were left: one live, one stopped with a savepoint; and the control API over it as in AWS,
 * where clients see no disk. Nothing moves unless a request moves it.
 */
export class LeftJobs implements AsyncDisposable {
  readonly known: Known;
  readonly server: LocalServer;
  readonly #runtime: LocalRuntime;
  readonly #directory: string;
  readonly #dynamodb: DynamoDBClient = new DynamoDBClient({});
  readonly #s3: S3Client = new S3Client({ forcePathStyle: true });

  private constructor(parts: {
    readonly known: Known;
    readonly server: LocalServer;
    readonly runtime: LocalRuntime;
    readonly directory: string;
  }) {
    this.known = parts.known;
    this.server = parts.server;
    this.#runtime = parts.runtime;
    this.#directory = parts.directory;
  }

  static async make(): Promise<LeftJobs> {
    const directory = mkdtempSync(join(tmpdir(), 'weir-left-'));
    const known = await leave(directory);
    const runtime = await LocalRuntime.start({ dataDirectory: directory, drive: false, kind: 'foreground' });
    const options = { stateRoot: 's3://weir/state', version: '1', savepointDirectory: 's3://weir/savepoints' };
    const server = await serveLocal({ service: new ControlService(awsCloud({ table: 'weir' }), options) });
    return new LeftJobs({ known, server, runtime, directory });
  }

  /** Every record and every object, as they are stored. */
  async dump(): Promise<Readonly<Record<string, string>>> {
    const found: Record<string, string> = {};
    for await (const { Items = [] } of paginateScan({ client: this.#dynamodb }, { TableName: 'weir' })) {
      for (const item of Items) found[`record ${item['p']?.S} ${item['s']?.S}`] = JSON.stringify(item);
    }
    for await (const { Contents = [] } of paginateListObjectsV2({ client: this.#s3 }, { Bucket: 'weir' })) {
      for (const { Key, ETag, Size } of Contents) found[`object ${Key}`] = `${ETag} ${Size}`;
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
    await this.#runtime.close();
    this.#dynamodb.destroy();
    this.#s3.destroy();
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function leave(directory: string): Promise<Known> {
  await using runtime = await LocalRuntime.start({
    dataDirectory: directory,
    drive: true,
    kind: 'foreground',
    savepointDirectory: 's3://weir/savepoints',
  });
  const client = controlClient(runtime.url);
  const { programId: program } = await client.deployProgram({}, { jobFile: guideJob, workingDirectory: directory, name: 'guide' });
  const begun = async () => {
    const request = { programArgsList: ['--rate', '50'], weir: { checkpointIntervalMs: 100 } };
    const { jobid } = await client.runProgram({ id: program }, request);
    while ((await client.job({ jobid })).weir.checkpoint === 0) await pause(50);
    return jobid;
  };
  const [live, ended] = [await begun(), await begun()];
  const savepointOf = async (jobid: string, triggerid: string): Promise<string> => {
    for (;;) {
      const { operation } = await client.savepointStatus({ jobid, triggerid });
      if (operation?.location !== undefined) return operation.location;
      await pause(50);
    }
  };
  const first = await client.triggerSavepoint({ jobid: ended });
  const gone = await savepointOf(ended, first['request-id']);
  const { 'request-id': operation } = await client.stopJob({ jobid: ended }, { formatType: 'CANONICAL' });
  const savepoint = await savepointOf(ended, operation);
  const { 'request-id': disposal } = await client.disposeSavepoint({}, { 'savepoint-path': gone });
  const { vertices } = await client.job({ jobid: ended });
  const { latest } = await client.jobCheckpoints({ jobid: ended });
  const { weir } = await client.planProgram({ id: program }, {});
  return {
    program,
    live,
    ended,
    vertex: vertices[0]!.id,
    checkpoint: latest.savepoint!.id,
    operation,
    savepoint,
    disposal,
    jobGraph: weir.jobGraph as object,
  };
}
