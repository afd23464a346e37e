// Catches: metadata of another version or with a hole in it that is taken for whole.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import type { Manifest } from '../../src/protocol/manifest.ts';
import { decodeManifest, encodeManifest } from '../../src/protocol/manifest-codec.ts';

const subtask = (index: number) => ({
  subtask: index,
  nonce: 'n',
  segments: [
    {
      at: { kind: 'record' as const, partition: 'p', sort: 's' },
      checkpoint: 1,
      bytes: 3,
      checksum: 'c',
      keyGroups: [[0, 63] as const],
      operatorState: true,
      operators: [{ from: 'p', to: 'o' }],
    },
  ],
  watermark: null,
  idle: false,
  endOfInput: false,
  committables: [{ operatorId: 'o', items: [{ staged: 'a', final: 'b' }] }],
  stateEntries: 1,
  stateBytes: 3,
});

const manifest: Manifest = {
  version: 2,
  jobId: 'j',
  jobName: 'name',
  checkpoint: 1,
  attempt: 2,
  stamp: 5,
  vertices: [
    {
      vertexId: 'v',
      name: 'n',
      parallelism: 2,
      maxParallelism: 128,
      operators: [
        {
          operatorId: 'o',
          uid: 'u',
          name: 'n',
          stateful: true,
          keyType: 'string',
          states: [
            {
              name: 's',
              kind: 'aggregating',
              timeToLive: true,
              schemaVersion: 2,
              types: 'int',
              keyKinds: ['string'],
              entries: 1,
              bytes: 9,
            },
          ],
        },
      ],
      operatorStates: [{ operator: { from: 'p', to: 'o' }, own: true, from: [null, { ...subtask(0).segments[0]!, foreign: true }] }],
      subtasks: [subtask(0), { ...subtask(1), dealt: true }],
      enumerator: { state: { a: [1] }, done: true },
    },
  ],
};

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'nothing was thrown';
};

test('a manifest comes back as it was written', () => {
  expect(decodeManifest(encodeManifest(manifest).bytes)).toEqual(manifest);
});

test('one of the first version is read, whatever release wrote it', () => {
  const { manifest: stored } = JSON.parse(readFileSync(new URL('../golden/checkpoint-v1.json', import.meta.url), 'utf8'));
  expect(stored.version).toBe(1);
  expect(decodeManifest(utf8(JSON.stringify(stored)))).toEqual({ ...stored, version: 2 });
});

test('a newer version is refused by name', () => {
  expect(codeOf(() => decodeManifest(utf8(JSON.stringify({ ...manifest, version: 3 }))))).toBe('MANIFEST_TOO_NEW');
});

test('a truncated one, one that is no manifest, and one that lists a subtask twice are corrupt', () => {
  const { bytes } = encodeManifest(manifest);
  expect(codeOf(() => decodeManifest(bytes.subarray(0, bytes.length - 5)))).toBe('MANIFEST_CORRUPT');
  expect(codeOf(() => decodeManifest(utf8('[]')))).toBe('MANIFEST_CORRUPT');
  const [vertex] = manifest.vertices;
  const twice = { ...manifest, vertices: [{ ...vertex, subtasks: [subtask(0), subtask(0)] }] };
  expect(codeOf(() => decodeManifest(utf8(JSON.stringify(twice))))).toBe('MANIFEST_CORRUPT');
});
