// Catches: what the engine's own emulators let through and Amazon's does not. Amazon's is not fetched here, since its licence is
// none of open source: whoever has it running says where.
import { recordStoreContract } from '../../cloud/record-store-contract.ts';
import { type FoundOrNot, withFound } from '../tools/with-found.ts';
import { inDynamoDb } from './in-stores.ts';

const url = process.env['WEIR_TEST_DYNAMODB'];
const found: FoundOrNot<{ readonly kind: 'found'; readonly url: string }> =
  url === undefined
    ? { kind: 'missing', why: 'its licence lets nobody fetch it for others; WEIR_TEST_DYNAMODB=<url> names one that runs' }
    : { kind: 'found', url };

withFound('the record store in DynamoDB Local', found, (local) => {
  recordStoreContract('DynamoDB Local', async () => await inDynamoDb({ url: local.url, [Symbol.asyncDispose]: async () => undefined }));
});
