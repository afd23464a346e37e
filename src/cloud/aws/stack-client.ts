import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { workflowClientSettings } from './clients.ts';

/** In a module of its own: whoever loads a package of CommonJS late, out of a bundle, gets nothing of it by name. */
export const stackClient = (): CloudFormationClient => new CloudFormationClient(workflowClientSettings);
