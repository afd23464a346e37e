import { LambdaClient } from '@aws-sdk/client-lambda';
import { functionClientSettings } from './clients.ts';

/** In a module of its own: whoever loads a package of CommonJS late, out of a bundle, gets nothing of it by name. */
export const functionClient = (): LambdaClient => new LambdaClient(functionClientSettings);
