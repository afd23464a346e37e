import { ArnFormat, type Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { TableRef } from './state-storage.ts';
import { bucketArnOf, objectsArnOf, type StoragePlace } from './storage-place.ts';

/** Statements of policies, each as narrow as what it is about. Beside them nothing is granted to functions of ours. */
const allow = (actions: readonly string[], resources: readonly string[]): PolicyStatement =>
  new PolicyStatement({ actions: [...actions], resources: [...resources] });

export const readRecords = (table: TableRef): PolicyStatement =>
  allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'], [table.tableArn]);

export const writeRecords = (table: TableRef): PolicyStatement =>
  allow(['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'], [table.tableArn]);

/** Whoever may list a bucket is told that an object is missing; whoever may not, that it is forbidden. */
export const readObjects = (stack: Stack, places: readonly StoragePlace[]): PolicyStatement[] => [
  allow(['s3:GetObject'], unique(places.map((place) => objectsArnOf(stack, place)))),
  allow(['s3:ListBucket'], unique(places.map((place) => bucketArnOf(stack, place)))),
];

export const writeObjects = (stack: Stack, places: readonly StoragePlace[]): PolicyStatement =>
  allow(['s3:PutObject', 's3:AbortMultipartUpload'], unique(places.map((place) => objectsArnOf(stack, place))));

export const deleteObjects = (stack: Stack, places: readonly StoragePlace[]): PolicyStatement =>
  allow(['s3:DeleteObject'], unique(places.map((place) => objectsArnOf(stack, place))));

/**
 * State machines whose names are `prefix`, a dash and more, and executions of such: they are made after the stack, with a digest
 * in their names, so that no policy can list them.
 */
export const stateMachinesArn = (stack: Stack, prefix: string): string =>
  stack.formatArn({ service: 'states', resource: 'stateMachine', resourceName: `${prefix}-*`, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
const executionsArn = (stack: Stack, prefix: string): string =>
  stack.formatArn({ service: 'states', resource: 'execution', resourceName: `${prefix}-*`, arnFormat: ArnFormat.COLON_RESOURCE_NAME });

/** Starts, wakes, looks at and stops drivers of jobs. */
export const driveJobs = (stack: Stack, prefix: string): PolicyStatement[] => [
  allow(['states:StartExecution', 'states:SendTaskSuccess'], [stateMachinesArn(stack, prefix)]),
  allow(['states:DescribeExecution', 'states:StopExecution'], [executionsArn(stack, prefix)]),
];

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
