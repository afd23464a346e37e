import { SFNClient } from '@aws-sdk/client-sfn';
import { workflowClientSettings } from './clients.ts';

/** In a module of its own: whoever loads a package of CommonJS late, out of a bundle, gets nothing of it by name. */
export const workflowClient = (): SFNClient => new SFNClient(workflowClientSettings);
