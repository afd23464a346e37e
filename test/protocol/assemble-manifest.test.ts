// Catches: a manifest that does not say by which ids an operator may be found again.
import { expect, it } from 'vitest';
import type { Acknowledgement } from '../../src/protocol/acknowledgement.ts';
import { assembleManifest } from '../../src/protocol/assemble-manifest.ts';
import { decodeManifest, encodeManifest } from '../../src/protocol/manifest-codec.ts';
import { buildJob } from '../../src/stream/build-job.ts';
import { defineJob } from '../../src/stream/define-job.ts';
import { recordsOf, sinkOf } from '../stream/sources-and-sinks.ts';

const { jobGraph } = buildJob(
  defineJob({
    name: 'ids',
    build: (env) =>
      void env
        .fromSource(recordsOf<number>([1]))
        .uid('in')
        .sinkTo(sinkOf<number>())
        .setUidHash('ab'.repeat(16)),
  }),
  {},
);

it('names each operator by its uid and its uid hash, where it has them', () => {
  const [vertex] = jobGraph.vertices;
  const acknowledgement: Acknowledgement = {
    vertexId: vertex!.vertexId,
    subtask: 0,
    checkpoint: 1,
    attempt: 1,
    nonce: 'n',
    handover: false,
    committables: [],
    watermark: null,
    idle: false,
    endOfInput: true,
    backlog: false,
    counts: { recordsIn: 1, recordsOut: 1, bytesIn: 0, skipped: 0, stateEntries: 0, stateBytes: 0, segmentBytes: 0, durationMs: 1 },
  };
  const assembled = assembleManifest({
    jobId: 'j',
    jobName: 'ids',
    graph: jobGraph,
    checkpoint: 1,
    attempt: 1,
    stamp: 1,
    enumerated: [],
    acknowledgements: { subtasks: new Map([[vertex!.vertexId as string, [acknowledgement]]]), enumerators: new Map() },
    parent: undefined,
  });
  if (assembled.kind !== 'whole') throw new Error('every subtask has acknowledged');
  const { operators } = decodeManifest(encodeManifest(assembled.manifest).bytes).vertices[0]!;
  expect(operators.map(({ uid, uidHash }) => ({ uid, uidHash }))).toEqual([
    { uid: 'in', uidHash: undefined },
    { uid: undefined, uidHash: 'ab'.repeat(16) },
  ]);
});
