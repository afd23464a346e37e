import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { FunctionService } from './function-service.ts';
import type { ObjectStore } from './object-store.ts';
import type { RecordStore } from './record-store.ts';
import type { WorkflowService } from './workflow-service.ts';

export type { FunctionPublisher, PublishedVersion } from './function-publisher.ts';
export type { FunctionService } from './function-service.ts';
export type { ByteRange, ListPage, ObjectInfo, ObjectStore } from './object-store.ts';
export type {
  PutCondition,
  PutOutcome,
  QueryOptions,
  QueryPage,
  RecordFields,
  RecordKey,
  RecordStore,
  RecordValue,
  StoredRecord,
} from './record-store.ts';
export { fieldsOf, recordsOf } from './records-of.ts';
export { isGoingBack, type StackService } from './stack-service.ts';
export { type Decision, updateRecord } from './update-record.ts';
export type { WorkflowDefinition, WorkflowPublisher } from './workflow-publisher.ts';
export type { ExecutionStatus, Json, WorkflowService } from './workflow-service.ts';

/** All that the engine needs from outside itself. AWS, the embedded cloud and the simulation each provide one. */
export interface Cloud {
  readonly clock: Clock;
  readonly random: Random;
  readonly records: RecordStore;
  readonly objects: ObjectStore;
  readonly workflows: WorkflowService;
  readonly functions: FunctionService;
}
