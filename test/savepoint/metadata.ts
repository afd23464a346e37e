import type { JobGraph } from '../../src/graph/job-graph.ts';
import { keyGroupRangeOf } from '../../src/graph/key-groups.ts';
import type { Manifest, ManifestState } from '../../src/protocol/manifest.ts';
import type { SegmentRef } from '../../src/protocol/segment-ref.ts';
import { type BuildOptions, buildJob } from '../../src/stream/build-job.ts';
import { defineJob, type JobDefinition } from '../../src/stream/define-job.ts';
import type { Environment } from '../../src/stream/environment.ts';

/** The graph of a job that needs no arguments. */
export const graphOf = (build: (env: Environment) => void, options: BuildOptions = {}): JobGraph =>
  buildJob(defineJob({ name: 'job', build: (env) => void build(env) }) as JobDefinition, {}, options).jobGraph;

export interface MetadataOptions {
  /** How many entries each state has; default 10. */
  readonly entries?: (state: { readonly uid: string | undefined; readonly name: string }) => number;
  readonly change?: (state: ManifestState) => ManifestState;
  /** By uid. */
  readonly committables?: { readonly [uid: string]: readonly string[] };
}

export const oldJobId = 'f'.repeat(32);

/** What a snapshot of a job with this graph would say: every subtask has one segment with all that is its own. */
export function metadataOf(
  graph: JobGraph,
  { entries = () => 10, change = (state) => state, committables = {} }: MetadataOptions = {},
): Manifest {
  return {
    version: 2,
    jobId: oldJobId,
    jobName: graph.jobName,
    checkpoint: 7,
    attempt: 9,
    stamp: 1_000,
    vertices: graph.vertices.map((vertex) => ({
      vertexId: vertex.vertexId,
      name: vertex.name,
      parallelism: vertex.parallelism,
      maxParallelism: vertex.maxParallelism,
      operators: vertex.operators.map(({ operatorId, uid, name, stateful, states, keyType }) => ({
        operatorId,
        name,
        stateful,
        ...(uid === undefined ? {} : { uid }),
        ...(keyType === undefined ? {} : { keyType }),
        ...(states === undefined
          ? {}
          : {
              states: states.map(({ migrates: _, ...state }) =>
                change({ ...state, entries: entries({ uid, name: state.name }), bytes: 100 }),
              ),
            }),
      })),
      subtasks: Array.from({ length: vertex.parallelism }, (_, subtask) => {
        const { first, last } = keyGroupRangeOf(subtask, vertex.parallelism, vertex.maxParallelism);
        return {
          subtask,
          nonce: 'n',
          segments: [segment(`${vertex.name} ${subtask}`, [[first, last]])],
          watermark: 1_000 + subtask,
          idle: false,
          endOfInput: false,
          committables: vertex.operators.flatMap(({ operatorId, uid }) =>
            uid !== undefined && subtask === 0 && committables[uid] !== undefined
              ? [{ operatorId: operatorId as string, items: committables[uid] }]
              : [],
          ),
          stateEntries: 1,
          stateBytes: 1,
        };
      }),
      ...(vertex.operators[0]!.kind === 'source' ? { enumerator: { state: 'given', done: true } } : {}),
    })),
  };
}

export const segment = (name: string, keyGroups: SegmentRef['keyGroups'], checkpoint = 7): SegmentRef => ({
  at: { kind: 'object', uri: `s3://old/${name}` },
  checkpoint,
  bytes: 10,
  checksum: 'c',
  keyGroups,
  operatorState: true,
});
