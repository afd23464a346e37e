// Catches: a restore that is refused but leaves something behind, that is tried again in vain, or that begins twice.
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { JobService, type SubmitRequest } from '../../src/job/job-service.ts';
import type { JobDescription } from '../../src/protocol/job-description.ts';
import type { JobRecord } from '../../src/protocol/job-record.ts';
import { recordKeys } from '../../src/protocol/names.ts';
import type { SnapshotRecord } from '../../src/protocol/snapshot-record.ts';
import type { JobDefinition } from '../../src/stream/define-job.ts';
import { type SimulationResult, simulateJob } from '../../src/testing/index.ts';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.ts';
import { deploySimulated, stateRoot } from '../../src/testing/simulated-deployment.ts';
import type { SimulatedWorld } from '../../src/testing/simulated-world.ts';
import { delaysByAirport, straightThrough } from '../simulation/jobs.ts';

const job = delaysByAirport(60, { recordsPerSecond: 10, splits: 3 });
const other = straightThrough(60, { recordsPerSecond: 10, splits: 3 });
const jobId = 'd'.repeat(32);

let stopped: Promise<SimulationResult> | undefined;
const savepoint = (): Promise<SimulationResult> => {
  stopped ??= simulateJob(job.definition, { parallelism: 2, requests: [{ kind: 'stop', afterCheckpoint: 2 }] });
  return stopped;
};

interface Tried {
  readonly code: unknown;
  readonly message: string;
  readonly before: SimulatedWorld;
  readonly after: SimulatedWorld;
}

/** Submits a restore in the world that the stopped job left, perhaps changed. */
async function submit(
  request: Partial<SubmitRequest>,
  {
    definition = job.definition,
    prepare = () => undefined,
  }: { readonly definition?: JobDefinition; readonly prepare?: (cloud: SimulatedCloud) => void } = {},
): Promise<Tried & { readonly cloud: SimulatedCloud }> {
  const { world, restorable: path } = await savepoint();
  const cloud = new SimulatedCloud({ world, seed: 'submit' });
  deploySimulated(cloud, definition, 2);
  prepare(cloud);
  const before = cloud.world;
  const jobs = new JobService(cloud.for(), { stateRoot });
  const submission = { programId: 'simulated', jobId, args: {}, parallelism: 3, restore: { path }, ...request };
  const told = await jobs.submit(submission).then(
    () => ({ code: 'submitted', message: '' }),
    (error: { readonly code?: unknown; readonly message: string }) => ({ code: error.code, message: error.message }),
  );
  const after = cloud.world;
  cloud.stop();
  return { ...told, before, after, cloud };
}

const namesIn = ({ records, objects }: SimulatedWorld) => [
  ...records.map(({ key, fields }) => `${key.partition} ${key.sort} ${JSON.stringify(fields)}`),
  ...objects.keys(),
];

describe('a restore that can not go through fails at once, and touches nothing', () => {
  const metadataOf = (path: string) => `${path}/_metadata`;
  const refusals: readonly (readonly [string, string, Parameters<typeof submit>[0], Parameters<typeof submit>[1]])[] = [
    [
      'a path where nothing is',
      'SAVEPOINT_NOT_FOUND',
      { restore: { path: 's3://simulation/savepoints/savepoint-abcdef-000000000000' } },
      {},
    ],
    ['a path that is none', 'SNAPSHOT_PATH_INVALID', { restore: { path: 'savepoint-abcdef-000000000000' } }, {}],
    [
      'a file that is no savepoint',
      'NOT_A_SAVEPOINT',
      { restore: { path: 's3://elsewhere/notes' } },
      { prepare: (cloud) => cloud.objects.place('s3://elsewhere/notes/_metadata', utf8('hello')) },
    ],
    ['a program without the state', 'RESTORE_REFUSED', {}, { definition: other.definition }],
    ['a parallelism above the max parallelism', 'RESTORE_REFUSED', { parallelism: 129 }, {}],
  ];

  it.each(refusals)('%s: %s', async (_what, code, request, options) => {
    const tried = await submit(request, options);
    expect(tried.code).toBe(code);
    expect(namesIn(tried.after)).toEqual(namesIn(tried.before));
  });

  it('metadata of a newer version, metadata that is cut off, and a segment that is gone', async () => {
    const { restorable: path, world } = await savepoint();
    const whole = world.objects.get(metadataOf(path))!;
    const rewrite = (bytes: Uint8Array) => (cloud: SimulatedCloud) => cloud.objects.place('s3://elsewhere/copy/_metadata', bytes);
    const copy = { restore: { path: 's3://elsewhere/copy' } };
    const newer = utf8(JSON.stringify({ ...JSON.parse(new TextDecoder().decode(whole)), version: 99 }));
    expect((await submit(copy, { prepare: rewrite(newer) })).code).toBe('MANIFEST_TOO_NEW');
    expect((await submit(copy, { prepare: rewrite(whole.subarray(0, whole.length - 9)) })).code).toBe('MANIFEST_CORRUPT');
    expect((await submit(copy, { prepare: rewrite(whole) })).code).toBe('SAVEPOINT_NOT_COMMITTED');
    const segment = world.records.find(({ key }) => key.partition.startsWith('segment/'))!;
    const gone = await submit({}, { prepare: (cloud) => cloud.records.place(segment.key, { bytes: new Uint8Array() }) });
    expect([gone.code, namesIn(gone.after).length]).toEqual(['SEGMENT_MISSING', namesIn(gone.before).length]);
  });

  it('a savepoint that was disposed of, or that another job has for itself', async () => {
    const { restorable: path, world } = await savepoint();
    const key = recordKeys.snapshot(path);
    const record = world.records.find(({ key: { partition } }) => partition === key.partition)!.fields as unknown as SnapshotRecord;
    const as = (change: Partial<SnapshotRecord>) => ({
      prepare: (cloud: SimulatedCloud) => cloud.records.place(key, { ...record, ...change } as never),
    });
    expect((await submit({}, as({ state: 'deleted' }))).code).toBe('SAVEPOINT_DISPOSED');
    expect((await submit({}, as({ claims: [{ jobId: 'b'.repeat(32), mode: 'claim', at: Number.MAX_SAFE_INTEGER }] }))).code).toBe(
      'SAVEPOINT_CLAIMED',
    );
  });
});

describe('a restore that goes through', () => {
  const recordOf = (world: SimulatedWorld) =>
    world.records.find(({ key }) => key.partition === `job/${jobId}` && key.sort === 'record')?.fields as unknown as JobRecord;
  const descriptionOf = (world: SimulatedWorld) =>
    world.records.find(({ key }) => key.partition === `job/${jobId}` && key.sort === 'description')?.fields as unknown as JobDescription;

  it.each(['', '/', '/_metadata'])('finds the savepoint by its path with "%s" behind it', async (suffix) => {
    const { restorable } = await savepoint();
    const { code, after } = await submit({ restore: { path: `${restorable}${suffix}` } });
    expect(code).toBe('submitted');
    expect(descriptionOf(after).restored).toMatchObject({
      path: restorable,
      kind: 'savepoint',
      claimMode: 'no_claim',
      allowNonRestoredState: false,
    });
  });

  it('begins as the checkpoint of the savepoint, with a claim on it, and what it published is not published again', async () => {
    const first = await savepoint();
    const { after } = await submit({});
    const record = recordOf(after);
    expect(record.latest).toMatchObject({ checkpoint: first.checkpoints.at(-1)!.checkpoint, attempt: 0 });
    expect(record.latest.manifest?.uri).toMatch(new RegExp(`^${stateRoot}/checkpoints/${jobId}/chk-\\d+/manifest-0-`));
    expect([record.foreign, record.claims, record.effects]).toEqual([true, true, undefined]);
    expect(record.stamp).toBeGreaterThanOrEqual(first.record.stamp);
    const snapshot = after.records.find(({ key }) => key.partition === recordKeys.snapshot(first.restorable).partition)!.fields;
    expect(snapshot['claims']).toMatchObject([{ jobId, mode: 'no_claim' }]);
  });

  it('begins with the output that nobody is known to have published', async () => {
    const first = await simulateJob(other.definition, { parallelism: 2, requests: [{ kind: 'stop', afterCheckpoint: 2 }] });
    const key = recordKeys.snapshot(first.restorable);
    for (const [effectsDone, publish] of [
      [false, true],
      [true, undefined],
    ] as const) {
      const cloud = new SimulatedCloud({ world: first.world, seed: 'effects' });
      deploySimulated(cloud, other.definition, 2);
      cloud.records.place(key, { ...cloud.records.peek(key)!.fields, effectsDone });
      await new JobService(cloud.for(), { stateRoot }).submit({
        programId: 'simulated',
        jobId,
        args: {},
        restore: { path: first.restorable },
      });
      expect(recordOf(cloud.world).effects?.publish).toBe(publish);
      cloud.stop();
    }
  });

  it('says what became of each operator, and is one job however often it is submitted', async () => {
    const { world, restorable: path } = await savepoint();
    const cloud = new SimulatedCloud({ world, seed: 'twice' });
    deploySimulated(cloud, job.definition, 2);
    const jobs = new JobService(cloud.for(), { stateRoot });
    const request = { programId: 'simulated', jobId, args: {}, parallelism: 3, restore: { path } };
    const reply = await jobs.submit(request);
    expect(reply.restored?.operators.map(({ operator, outcome }) => [operator.uid, outcome])).toEqual([
      ['flights', 'restored'],
      ['totals', 'restored'],
      ['out', 'restored'],
    ]);
    const manifests = () => cloud.objects.names(`${stateRoot}/checkpoints/${jobId}/`).length;
    const [before, written] = [recordOf(cloud.world), manifests()];
    await jobs.submit(request);
    expect([recordOf(cloud.world).submittedAt, manifests()]).toEqual([before.submittedAt, written]);
    cloud.stop();
  });

  it('is what its dry run says', async () => {
    const { world, restorable: path } = await savepoint();
    for (const [definition, kind] of [
      [job.definition, 'restorable'],
      [other.definition, 'refused'],
    ] as const) {
      const cloud = new SimulatedCloud({ world, seed: 'dry' });
      deploySimulated(cloud, definition, 2);
      const before = namesIn(cloud.world);
      const plan = await new JobService(cloud.for(), { stateRoot }).check({
        programId: 'simulated',
        args: {},
        parallelism: 3,
        restore: { path },
      });
      expect(plan.kind).toBe(kind);
      expect(namesIn(cloud.world)).toEqual(before);
      cloud.stop();
    }
  });
});
