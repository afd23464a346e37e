// Catches: signatures, headers and bodies of S3 that the engine's own emulator lets through and a strict server does not.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { objectStoreContract } from '../../cloud/object-store-contract.ts';
import { findGateway } from '../tools/find-gateway.ts';
import { Served } from '../tools/served.ts';
import { withFound } from '../tools/with-found.ts';
import { inS3 } from './in-stores.ts';

withFound("the object store in Versity's S3 gateway", await findGateway(), ({ program }) => {
  const words = (port: number, directory: string) => {
    const [objects, attributes] = [join(directory, 'objects'), join(directory, 'attributes')];
    for (const folder of [objects, attributes]) mkdirSync(folder);
    // Not every file system keeps attributes of files.
    return ['--access', 'test', '--secret', 'testtest', '--port', `127.0.0.1:${port}`, 'posix', '--sidecar', attributes, objects];
  };
  objectStoreContract("S3 in Versity's gateway", async () => await inS3(await Served.start({ program, words, readyPath: '/' })));
});
