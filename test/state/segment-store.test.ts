// Catches: segments in the wrong place, damaged or lost ones taken for state, names used twice.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { limits } from '../../src/base/limits.ts';
import { seededRandom } from '../../src/base/random.ts';
import { createRecordTable } from '../../src/cloud/aws/create-record-table.ts';
import { dynamoDbRecordStore } from '../../src/cloud/aws/dynamodb-record-store.ts';
import { fileObjectStore } from '../../src/cloud/file/file-object-store.ts';
import type { Cloud } from '../../src/cloud/index.ts';
import type { StateBackend } from '../../src/protocol/job-description.ts';
import type { SegmentRef } from '../../src/protocol/segment-ref.ts';
import { createSegmentStore, type EncodedSegment, restoreSubtaskState } from '../../src/state/index.ts';
import { startDynamoDb } from '../cloud/emulators.ts';
import { CommittedState, contentOf, operatorA, vertexOf } from './fixtures.ts';

const segmentOf = (length: number): EncodedSegment => ({
  bytes: Uint8Array.from({ length }, (_, index) => index % 251),
  keyGroups: [[0, 15]],
  base: [[0, 3]],
  operatorState: true,
});

describe('the segment store', () => {
  let emulator: Awaited<ReturnType<typeof startDynamoDb>>;
  let cloud: Pick<Cloud, 'records' | 'objects'>;
  let directory: string;
  let stateRoot: string;
  let writes = 0;
  const nextName = () => ({ jobId: '1'.repeat(32), checkpoint: 3, attempt: 7, vertexId: operatorA, subtask: 2, nonce: `nonce${writes++}` });

  beforeAll(async () => {
    emulator = await startDynamoDb();
    const client = emulator.client();
    await createRecordTable({ client, table: 'records', clock: systemClock });
    const random = seededRandom('segments');
    cloud = {
      records: dynamoDbRecordStore({ client, table: 'records', clock: systemClock, random }),
      objects: fileObjectStore({ random }),
    };
    directory = await mkdtemp(join(tmpdir(), 'weir-segments-'));
    stateRoot = pathToFileURL(directory).href;
  });
  afterAll(async () => {
    await emulator.close();
    await rm(directory, { recursive: true, force: true });
  });

  const storeOf = (backend: StateBackend, inlineBytes: number = limits.segmentInlineBytes) =>
    createSegmentStore({ cloud, stateRoot, backend, inlineBytes });

  it('keeps small segments in records and large ones in objects, and gives back what was written', async () => {
    const store = storeOf('dynamodb', 1_000);
    for (const [length, kind] of [
      [0, 'record'],
      [1_000, 'record'],
      [1_001, 'object'],
    ] as const) {
      const segment = segmentOf(length);
      const written = await store.write(nextName(), segment);
      expect(written).toMatchObject({
        at: { kind },
        checkpoint: 3,
        bytes: length,
        keyGroups: [[0, 15]],
        base: [[0, 3]],
        operatorState: true,
      });
      expect(await store.read(written)).toEqual(segment.bytes);
    }
  });

  it('keeps every segment in an object under the checkpoint directory with the file system backend', async () => {
    const written = await storeOf('filesystem').write(nextName(), segmentOf(10));
    expect(written.at).toMatchObject({
      kind: 'object',
      uri: expect.stringContaining(`${stateRoot}/checkpoints/${'1'.repeat(32)}/chk-3/${operatorA}-2-7-`),
    });
    expect(await readdir(join(directory, 'checkpoints', '1'.repeat(32), 'chk-3'))).not.toHaveLength(0);
  });

  it('puts no more into a record than a record holds, whatever the setting', async () => {
    const written = await storeOf('dynamodb', 10 * limits.recordBytesMax).write(nextName(), segmentOf(limits.recordBytesMax));
    expect(written.at.kind).toBe('object');
    const inline = await storeOf('dynamodb', 10 * limits.recordBytesMax).write(nextName(), segmentOf(limits.recordBytesMax - 3_000));
    expect(inline.at.kind).toBe('record');
  });

  it('takes the same write again, but not another under the same name', async () => {
    const store = storeOf('dynamodb');
    const name = nextName();
    const written = await store.write(name, segmentOf(10));
    expect(await store.write(name, segmentOf(10))).toEqual(written);
    await expect(store.write(name, segmentOf(11))).rejects.toMatchObject({ code: 'SEGMENT_CORRUPT' });
    expect(await store.read(written)).toEqual(segmentOf(10).bytes);
  });

  it('says which segment is missing', async () => {
    for (const backend of ['dynamodb', 'filesystem'] as const) {
      const store = storeOf(backend);
      const written = await store.write(nextName(), segmentOf(10));
      if (written.at.kind === 'record') await cloud.records.delete({ partition: written.at.partition, sort: written.at.sort });
      else if (written.at.kind === 'object') await cloud.objects.delete(written.at.uri);
      await expect(store.read(written)).rejects.toMatchObject({ code: 'SEGMENT_MISSING', subject: { checkpoint: 3 } });
    }
  });

  it('refuses what has another length or content than was written', async () => {
    const store = storeOf('filesystem');
    const written: SegmentRef = await store.write(nextName(), segmentOf(10));
    const path = written.at.kind === 'object' ? fileURLToPath(written.at.uri) : '';
    await writeFile(path, new Uint8Array(9));
    await expect(store.read(written)).rejects.toMatchObject({
      code: 'SEGMENT_CORRUPT',
      message: expect.stringContaining('9 bytes instead of 10'),
    });
    await writeFile(path, new Uint8Array(10));
    await expect(store.read(written)).rejects.toMatchObject({ code: 'SEGMENT_CORRUPT', message: expect.stringContaining('checksum') });
  });

  it('lets state of the memory backend travel in the reference, and beside it where it is too large for that', async () => {
    const store = storeOf('memory');
    for (const [length, kind] of [
      [10, 'inline'],
      [limits.segmentInlineBytes, 'inline'],
      [limits.segmentInlineBytes + 1, 'object'],
    ] as const) {
      const written = await store.write(nextName(), segmentOf(length));
      expect(written.at.kind).toBe(kind);
      expect(await store.read(written)).toEqual(segmentOf(length).bytes);
    }
  });

  it('carries a state from one copy to another', async () => {
    const store = storeOf('dynamodb', 500);
    const committed = new CommittedState({ vertex: vertexOf(1, 16), subtask: 0 });
    const segment = committed.epoch((state) => {
      state.operator(operatorA).setCurrentKey('x', -1);
      state.operator(operatorA).valueState('total').update({ count: 1n });
    });
    const written = await store.write({ ...nextName(), checkpoint: 1 }, segment!);
    const restored = restoreSubtaskState(committed.options, [{ ref: written, bytes: await store.read(written) }], committed.state.parent);
    expect(contentOf(restored, ['x'], ['total'])).toEqual(contentOf(committed.state, ['x'], ['total']));
  });
});
