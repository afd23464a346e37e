import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { systemClock } from '../../src/base/clock.ts';
import { createRecordTable } from '../../src/cloud/aws/create-record-table.ts';
import { awsCloud } from '../../src/cloud/aws/index.ts';
import type { RecordFields } from '../../src/cloud/index.ts';
import { ControlService } from '../../src/control-api/control-service.ts';
import { type LocalServer, serveLocal } from '../../src/control-api/serve-local.ts';
import { operatorId } from '../../src/graph/ids.ts';
import type { JobGraph } from '../../src/graph/job-graph.ts';
import { defaultRestartStrategy, type JobDescription } from '../../src/protocol/job-description.ts';
import type { JobRecord } from '../../src/protocol/job-record.ts';
import { recordKeys } from '../../src/protocol/names.ts';
import { newJobRecord } from '../../src/protocol/new-job-record.ts';

export interface ServedJobs extends AsyncDisposable {
  readonly server: LocalServer;
  /** Writes a job's records as they would stand after submission, changed by `change`. */
  addJob(jobId: string, change?: Partial<JobRecord>): Promise<void>;
  addProgram(programId: string, name: string): Promise<void>;
}

/** The control API over a real record table, with whatever jobs a test writes into it. */
export async function serveJobs(): Promise<ServedJobs> {
  const dynamodb: Server = dynalite({ createTableMs: 0 });
  dynamodb.listen(0, '127.0.0.1');
  await once(dynamodb, 'listening');
  process.env.AWS_ENDPOINT_URL_DYNAMODB = `http://127.0.0.1:${(dynamodb.address() as AddressInfo).port}`;
  process.env.AWS_REGION = 'us-east-1';
  process.env.AWS_ACCESS_KEY_ID = 'local';
  process.env.AWS_SECRET_ACCESS_KEY = 'local';
  const client = new DynamoDBClient({});
  await createRecordTable({ client, table: 'weir', clock: systemClock });
  const cloud = awsCloud({ table: 'weir' });
  const server = await serveLocal({ service: new ControlService(cloud, { stateRoot: 's3://weir/state', version: '1.2.3' }) });
  const put = (key: { readonly partition: string; readonly sort: string }, fields: object) =>
    cloud.records.put(key, fields as RecordFields, { kind: 'absent' });
  return {
    server,
    async addJob(jobId, change = {}) {
      const description = descriptionOf(jobId);
      await put(recordKeys.jobDescription(jobId), description);
      await put(recordKeys.job(jobId), { ...newJobRecord(description), ...change });
      await put(recordKeys.jobIndex(description.submittedAt, jobId), { jobId });
    },
    async addProgram(programId, name) {
      await put(recordKeys.program(programId), { ...programOf(programId), name, createdAt: 5 });
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      client.destroy();
      dynamodb.close();
      dynamodb.closeAllConnections();
    },
  };
}

const programOf = (programId: string): JobDescription['program'] => ({
  programId,
  slotFunctions: ['arn:slot-0', 'arn:slot-1'],
  coordinatorFunction: 'arn:coordinator',
  jobWorkflow: 'arn:job',
  checkpointWorkflow: 'arn:checkpoint',
});

const source = operatorId('1'.repeat(32));
const sums = operatorId('2'.repeat(32));

const graph: JobGraph = {
  jobName: 'words',
  levels: 2,
  vertices: [
    {
      vertexId: source,
      name: 'Source: words',
      parallelism: 1,
      maxParallelism: 128,
      maxParallelismExplicit: false,
      level: 0,
      operators: [],
    },
    { vertexId: sums, name: 'sum <of> words', parallelism: 2, maxParallelism: 128, maxParallelismExplicit: false, level: 1, operators: [] },
  ],
  edges: [{ edge: 0, sourceVertex: source, sourceOperator: 0, targetVertex: sums, targetInput: 0, partitioning: 'hash' }],
};

export const descriptionOf = (jobId: string): JobDescription => ({
  jobId,
  name: 'words',
  program: programOf('words-1'),
  args: { input: 'words.txt', rate: 5 },
  parallelism: 2,
  slots: 2,
  stateRoot: 's3://weir/state',
  checkpointIntervalMs: 1_000,
  restartStrategy: defaultRestartStrategy,
  stateBackend: 'dynamodb',
  segmentInlineBytes: 65_536,
  graph,
  graphDigest: 'd',
  submittedAt: 1_000,
});
