/** Real files, on the local disk and in S3: every format gives what a plain parse of the whole file gives. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convert } from '../../examples/flight-delays/convert.ts';
import { systemRandom } from '../../src/base/random.ts';
import { createBucket } from '../../src/cloud/aws/create-bucket.ts';
import { s3ObjectStore } from '../../src/cloud/aws/s3-object-store.ts';
import { fileObjectStore } from '../../src/cloud/file/file-object-store.ts';
import { schemedObjectStore } from '../../src/cloud/object-stores.ts';
import { startS3 } from '../cloud/emulators.ts';
import { noClock, seededNumbers } from './memory-objects.ts';
import { readSplit, recordsOf, splitsOf } from './read-all.ts';

const data = fileURLToPath(new URL('../../node_modules/vega-datasets/data', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'weir-flights-'));
const s3 = await startS3();
const client = s3.client();
const objects = schemedObjectStore({ s3: () => s3ObjectStore(client), file: () => fileObjectStore({ random: systemRandom }) });

const converted = ['2k.ndjson', '5k.csv', '20k.ndjson', '20k.csv'].map((name) => join(directory, `flights-${name}`));
const originals = ['flights-2k.json', 'flights-5k.json', 'flights-20k.json', 'flights-airport.csv'].map((name) => join(data, name));

function expectedRecords(path: string): readonly unknown[] {
  if (basename(path) === 'flights-airport.csv') {
    const [, ...rows] = readFileSync(path, 'utf8').trimEnd().split('\n');
    return rows.map((row) => row.split(',')).map(([origin, destination, count]) => ({ origin, destination, count }));
  }
  const flights: readonly Record<string, unknown>[] = JSON.parse(
    readFileSync(join(data, basename(path).replace(/\.\w+$/, '.json')), 'utf8'),
  );
  if (!path.endsWith('.csv')) return flights;
  return flights.map((flight) => Object.fromEntries(Object.entries(flight).map(([field, value]) => [field, String(value)])));
}

beforeAll(async () => {
  for (const path of converted) convert(join(data, basename(path).replace(/\.\w+$/, '.json')), path);
  await createBucket({ client, bucket: 'flights' });
  for (const path of [...originals, ...converted]) await objects.put(`s3://flights/in/${basename(path)}`, readFileSync(path));
});

afterAll(async () => {
  rmSync(directory, { recursive: true });
  await s3.close();
});

describe.each([
  ['the local disk', (path: string) => path],
  ['S3', (path: string) => `s3://flights/in/${basename(path)}`],
])('on %s', (_, place) => {
  it.each([...originals, ...converted].map((path) => [basename(path), path]))(
    '%s gives its records, in batches of any size',
    async (_name, path) => {
      const source = recordsOf(place(path), {}, { chunkBytes: 100_000 });
      const below = seededNumbers(1);
      const read: unknown[] = [];
      for (const { split } of await splitsOf(source, objects, 3)) {
        const reader = source.createReader({ objects, clock: noClock });
        const { records } = await readSplit(split, { reader: () => reader, budget: () => ({ records: 1 + below(2000), bytes: 200_000 }) });
        read.push(...records.map(({ value }) => value));
      }
      expect(JSON.stringify(read)).toBe(JSON.stringify(expectedRecords(path)));
    },
  );

  it('what is not there is told as such', async () => {
    await expect(splitsOf(recordsOf(place(join(data, 'no-such-file.json'))), objects, 1)).rejects.toMatchObject({
      code: 'INPUT_NOT_FOUND',
      domain: 'user',
    });
  });
});
