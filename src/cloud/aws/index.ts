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
export function awsCloud(options: AwsCloudOptions): Cloud {
  return cloudOf(options, storesOf(options));
}

/** The same, with the clients of records and S3 loaded already: for functions that need both whatever they are called for. */
export async function loadedAwsCloud(options: AwsCloudOptions): Promise<Cloud> {
  const stores = storesOf(options);
  await Promise.all([stores.records(), stores.s3()]);
  return cloudOf(options, stores);
}

interface Stores {
  readonly records: () => Promise<RecordStore>;
  readonly s3: () => Promise<ObjectStore>;
}

const storesOf = ({ table, clock = systemClock, random = systemRandom }: AwsCloudOptions): Stores => ({
  records: once(async () => {
    const [{ recordClient }, { dynamoDbRecordStore }] = await Promise.all([
      import('./record-client.ts'),
      import('./dynamodb-record-store.ts'),
    ]);
    return dynamoDbRecordStore({ client: recordClient(), table, clock, random });
  }),
  s3: once(async () => {
    const [{ objectClient }, { s3ObjectStore }] = await Promise.all([import('./object-client.ts'), import('./s3-object-store.ts')]);
    return s3ObjectStore(objectClient());
  }),
});

function cloudOf({ clock = systemClock, random = systemRandom }: AwsCloudOptions, stores: Stores): Cloud {
  return {
    clock,
    random,
    records: lazyRecords(stores.records),
    objects: schemedObjectStore({ s3: () => lazyObjects(stores.s3), file: () => fileObjectStore({ random }) }),
    workflows: lazyWorkflows(
      once(async () => {
        const [{ workflowClient }, { sfnWorkflowService }] = await Promise.all([
          import('./workflow-client.ts'),
          import('./sfn-workflow-service.ts'),
        ]);
        return sfnWorkflowService(workflowClient());
      }),
    ),
    functions: lazyFunctions(
      once(async () => {
        const [{ functionClient }, { lambdaFunctionService }] = await Promise.all([
          import('./function-client.ts'),
          import('./lambda-function-service.ts'),
        ]);
        return lambdaFunctionService(functionClient());
      }),
    ),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

function lazyRecords(store: () => Promise<RecordStore>): RecordStore {
  return {
    get: async (key) => (await store()).get(key),
    getMany: async (keys) => (await store()).getMany(keys),
    put: async (key, fields, condition, expiresAt) => (await store()).put(key, fields, condition, expiresAt),
    delete: async (key) => (await store()).delete(key),
    query: async (partition, options) => (await store()).query(partition, options),
  };
}

function lazyObjects(store: () => Promise<ObjectStore>): ObjectStore {
  return {
    put: async (uri, bytes) => (await store()).put(uri, bytes),
    get: async (uri, range) => (await store()).get(uri, range),
    head: async (uri) => (await store()).head(uri),
    list: async (uriPrefix, after) => (await store()).list(uriPrefix, after),
    publish: async (stagedUri, finalUri) => (await store()).publish(stagedUri, finalUri),
    delete: async (uri) => (await store()).delete(uri),
  };
}

function lazyWorkflows(service: () => Promise<WorkflowService>): WorkflowService {
  return {
    start: async (workflowArn, executionName, input) => (await service()).start(workflowArn, executionName, input),
    status: async (workflowArn, executionName) => (await service()).status(workflowArn, executionName),
    sendTaskSuccess: async (taskToken, output) => (await service()).sendTaskSuccess(taskToken, output),
    stop: async (workflowArn, executionName, cause) => (await service()).stop(workflowArn, executionName, cause),
  };
}

function lazyFunctions(service: () => Promise<FunctionService>): FunctionService {
  return { invoke: async (functionArn, payload) => (await service()).invoke(functionArn, payload) };
}
