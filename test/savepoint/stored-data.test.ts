// Catches: a description of the format that nobody could write a reader from. One that was written from it reads the golden
// savepoints, and finds the sums of just those readings that the sources had given out by then.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { goldenReadings } from '../golden/golden-job.ts';
import { type Metadata, readState } from './independent-reader.ts';

const folder = new URL('../golden/savepoints-v2/', import.meta.url);

interface Golden {
  readonly metadata: Metadata;
  readonly read: Parameters<typeof readState>[3];
}

const inFolder = (kind: string): Golden => ({
  metadata: JSON.parse(readFileSync(new URL(`${kind}/_metadata`, folder), 'utf8')),
  read: ({ path }) => readFileSync(new URL(`${kind}/${path}`, folder)),
});

function native(): Golden {
  const { path, records, objects } = JSON.parse(readFileSync(new URL('native.json', folder), 'utf8'));
  const bytesOf = (uri: string): Uint8Array => Buffer.from(objects[uri], 'base64');
  return {
    metadata: JSON.parse(new TextDecoder().decode(bytesOf(`${path}/_metadata`))),
    read({ uri, partition, sort }) {
      if (uri !== undefined) return bytesOf(uri);
      const { fields } = records.find(
        ({ key }: { key: { partition: string; sort: string } }) => key.partition === partition && key.sort === sort,
      );
      return Buffer.from(fields.bytes.$bytes, 'base64');
    },
  };
}

const goldens: readonly (readonly [string, () => Golden])[] = [
  ['native', native],
  ['canonical', () => inFolder('canonical')],
  ['memory', () => inFolder('memory')],
];

test.each(goldens)('a reader that was written from the description reads the %s savepoint', (_kind, golden) => {
  const { metadata, read } = golden();
  expect(metadata.version).toBe(2);
  const expected = new Map<string, number>();
  const splits = readState(metadata, 'readings', '', read).operatorValues.flatMap(
    (values) => (values.get('_splits') as { splits: { split: { first: number; of: number }; position: number }[] }).splits,
  );
  for (const { split, position } of splits) {
    for (let read = 0; read < position; read++) {
      const { sensor, value } = goldenReadings[split.first + read * split.of]!;
      expected.set(sensor, (expected.get(sensor) ?? 0) + value);
    }
  }
  const { byKey } = readState(metadata, 'sums', 'sum', read);
  expect(splits).toHaveLength(4);
  expect(expected.size).toBe(11);
  expect(Object.fromEntries(byKey)).toEqual(Object.fromEntries(expected));
});
