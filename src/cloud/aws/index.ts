import { type Clock, systemClock } from '../../base/clock.ts';
import { type Random, systemRandom } from '../../base/random.ts';
import { fileObjectStore } from '../file/file-object-store.ts';
import type { Cloud, FunctionService, ObjectStore, RecordStore, WorkflowService } from '../index.ts';
import { schemedObjectStore } from '../object-stores.ts';

export interface AwsCloudOptions {
  /** Of the record table. */
  readonly table: string;
  readonly clock?: Clock;
  readonly random?: Random;
}

/**
 * AWS, configured as for every AWS tool (region, credentials, `AWS_ENDPOINT_URL*`). Each client is loaded and made at
 * the first call that needs it, so that a function starts without those that it doesn't use. Objects are in S3 or, by
 * `file:` URIs, on the local disk.
 */
export function awsCloud({ table, clock = systemClock, random = systemRandom }: AwsCloudOptions): Cloud {
  return {
    clock,
    random,
    records: lazyRecords(async () => {
      const [{ recordClient }, { dynamoDbRecordStore }] = await Promise.all([
        import('./record-client.ts'),
        import('./dynamodb-record-store.ts'),
      ]);
      return dynamoDbRecordStore({ client: recordClient(), table, clock, random });
    }),
    objects: schemedObjectStore({
      s3: () =>
        lazyObjects(async () => {
          const [{ objectClient }, { s3ObjectStore }] = await Promise.all([import('./object-client.ts'), import('./s3-object-store.ts')]);
          return s3ObjectStore(objectClient());
        }),
      file: () => fileObjectStore({ random }),
    }),
    workflows: lazyWorkflows(async () => {
      const [{ workflowClient }, { sfnWorkflowService }] = await Promise.all([
        import('./workflow-client.ts'),
        import('./sfn-workflow-service.ts'),
      ]);
      return sfnWorkflowService(workflowClient());
    }),
    functions: lazyFunctions(async () => {
      const [{ functionClient }, { lambdaFunctionService }] = await Promise.all([
        import('./function-client.ts'),
        import('./lambda-function-service.ts'),
      ]);
      return lambdaFunctionService(functionClient());
    }),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

function lazyRecords(make: () => Promise<RecordStore>): RecordStore {
  const store = once(make);
  return {
    get: async (key) => (await store()).get(key),
    getMany: async (keys) => (await store()).getMany(keys),
    put: async (key, fields, condition, expiresAt) => (await store()).put(key, fields, condition, expiresAt),
    delete: async (key) => (await store()).delete(key),
    query: async (partition, options) => (await store()).query(partition, options),
  };
}

function lazyObjects(make: () => Promise<ObjectStore>): ObjectStore {
  const store = once(make);
  return {
    put: async (uri, bytes) => (await store()).put(uri, bytes),
    get: async (uri, range) => (await store()).get(uri, range),
    head: async (uri) => (await store()).head(uri),
    list: async (uriPrefix, after) => (await store()).list(uriPrefix, after),
    publish: async (stagedUri, finalUri) => (await store()).publish(stagedUri, finalUri),
    delete: async (uri) => (await store()).delete(uri),
  };
}

function lazyWorkflows(make: () => Promise<WorkflowService>): WorkflowService {
  const service = once(make);
  return {
    start: async (workflowArn, executionName, input) => (await service()).start(workflowArn, executionName, input),
    status: async (workflowArn, executionName) => (await service()).status(workflowArn, executionName),
    sendTaskSuccess: async (taskToken, output) => (await service()).sendTaskSuccess(taskToken, output),
    stop: async (workflowArn, executionName, cause) => (await service()).stop(workflowArn, executionName, cause),
  };
}

function lazyFunctions(make: () => Promise<FunctionService>): FunctionService {
  const service = once(make);
  return { invoke: async (functionArn, payload) => (await service()).invoke(functionArn, payload) };
}
