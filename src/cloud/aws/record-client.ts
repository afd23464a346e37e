import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { recordClientSettings } from './clients.ts';

/** In a module of its own: whoever loads a package of CommonJS late, out of a bundle, gets nothing of it by name. */
export const recordClient = (): DynamoDBClient => new DynamoDBClient(recordClientSettings);
