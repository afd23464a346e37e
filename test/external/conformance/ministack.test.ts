// Catches: MiniStack taking a condition, a limit, a page or a token otherwise than what the engine was tested against.
import { functionServiceContract } from '../../cloud/function-service-contract.ts';
import { objectStoreContract } from '../../cloud/object-store-contract.ts';
import { recordStoreContract } from '../../cloud/record-store-contract.ts';
import { workflowServiceContract } from '../../cloud/workflow-service-contract.ts';
import { findMiniStack } from '../../deploy/find-ministack.ts';
import { MiniStack } from '../../deploy/ministack.ts';
import { withFound } from '../tools/with-found.ts';
import { inDynamoDb, inS3 } from './in-stores.ts';
import { ministackServices } from './ministack-services.ts';

withFound('the ports of the cloud in MiniStack', await findMiniStack(), ({ python }) => {
  recordStoreContract('DynamoDB in MiniStack', async () => await inDynamoDb(await MiniStack.start(python)));
  objectStoreContract('S3 in MiniStack', async () => await inS3(await MiniStack.start(python)));
  workflowServiceContract('Step Functions in MiniStack', async () => await ministackServices(await MiniStack.start(python)), {
    '2: takes the token of a stopped execution for gone': 'it takes the token, and nothing comes of it',
  });
  functionServiceContract('Lambda in MiniStack', async () => await ministackServices(await MiniStack.start(python)), {
    'says under which name the function failed': 'it calls every error Runtime.HandlerError; the message is right',
  });
});
