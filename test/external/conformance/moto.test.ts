// Catches: what the engine's own emulators let through and another reading of AWS's documentation does not.
import { objectStoreContract } from '../../cloud/object-store-contract.ts';
import { recordStoreContract } from '../../cloud/record-store-contract.ts';
import { pythonWith } from '../tools/python-environment.ts';
import { Served } from '../tools/served.ts';
import { withFound } from '../tools/with-found.ts';
import { inDynamoDb, inS3 } from './in-stores.ts';

const version = '5.2.5';

withFound('the ports of the cloud in Moto', await pythonWith(`moto-${version}`, `moto[server,dynamodb,s3]==${version}`), ({ python }) => {
  const start = () =>
    Served.start({
      program: python,
      words: (port) => ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
      readyPath: '/moto-api/',
    });
  recordStoreContract('DynamoDB in Moto', async () => await inDynamoDb(await start()), {
    '2: lets exactly one of several win': 'it reads and writes in two steps, between which another write may come',
    '2: gives each unconditional put a revision of its own': 'it reads and writes in two steps, between which another write may come',
    'takes records up to the bound and refuses larger ones, without a trace': 'it counts bytes of values by their Base64, a third more',
  });
  objectStoreContract('S3 in Moto', async () => await inS3(await start()));
});
