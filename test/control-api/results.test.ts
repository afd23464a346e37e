// What jobs come to, by the control API: accumulators in Flink's shapes, and collected results page by page.
import { beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { AccumulatorStore } from '../../src/checkpoint/accumulator-store.ts';
import type { RecordFields } from '../../src/cloud/index.ts';
import { ControlService } from '../../src/control-api/control-service.ts';
import { dispatch } from '../../src/control-api/dispatch.ts';
import { routeList } from '../../src/control-api/routes.ts';
import type { JobAccumulators } from '../../src/protocol/job-accumulators.ts';
import { objectUris, recordKeys } from '../../src/protocol/names.ts';
import { newJobRecord } from '../../src/protocol/new-job-record.ts';
import { collectingSink } from '../../src/stream/collecting-sink.ts';
import { noFaults } from '../../src/testing/faults.ts';
import { PortCalls } from '../../src/testing/port-calls.ts';
import { SimulatedClock } from '../../src/testing/simulated-clock.ts';
import { SimulatedObjects } from '../../src/testing/simulated-object-store.ts';
import { memoryCloud } from '../runtime/memory-cloud.ts';
import { descriptionOf } from './served-jobs.ts';

const jobId = 'a'.repeat(32);
const sums = '2'.repeat(32);
const source = '1'.repeat(32);

const accumulators: JobAccumulators = {
  subtasks: [
    { vertexId: sums, subtask: 0, accumulators: [{ name: 'late', value: { kind: 'longCounter', sum: 3 } }] },
    {
      vertexId: sums,
      subtask: 1,
      accumulators: [
        { name: 'delays', value: { kind: 'histogram', counts: [[10, 2]] } },
        { name: 'late', value: { kind: 'longCounter', sum: 4 } },
      ],
    },
  ],
};

let service: ControlService;
let write: (name: string, checkpoint: number, records: readonly unknown[], commits?: boolean) => Promise<void>;

beforeEach(async () => {
  const objects = new SimulatedObjects(new PortCalls({ clock: new SimulatedClock(), random: seededRandom(1), plan: noFaults })).immediate();
  const cloud = { ...memoryCloud(), objects };
  const description = descriptionOf(jobId);
  const at = { checkpoint: 3, attempt: 5 };
  await new AccumulatorStore(cloud).write({ jobId, ...at }, accumulators, JSON.stringify(accumulators));
  const put = (key: { readonly partition: string; readonly sort: string }, fields: object) =>
    cloud.records.put(key, fields as RecordFields, { kind: 'absent' });
  await put(recordKeys.jobDescription(jobId), description);
  await put(recordKeys.job(jobId), { ...newJobRecord(description), accumulators: at });
  service = new ControlService(cloud, { stateRoot: 's3://weir/state', version: '1' });
  write = async (name, checkpoint, records, commits = true) => {
    const sink = collectingSink<unknown>(name);
    const resultDirectory = objectUris.results(description.stateRoot, jobId);
    const writer = sink.createWriter({ objects, clock: cloud.clock, jobId, operatorId: sums, resultDirectory, subtask: 0, parallelism: 1 });
    for (const record of records) writer.write(record, undefined);
    for (const committable of await writer.prepareCommit({ checkpoint, attempt: checkpoint, nonce: 'n' }))
      if (commits) await sink.commit(committable, { objects, clock: cloud.clock });
  };
});

async function get(path: string, query = ''): Promise<{ readonly status: number; readonly body: unknown }> {
  const { about: _, ...reply } = await dispatch(service, { method: 'GET', path, query, body: '' }, routeList);
  return reply;
}

describe('accumulators by the control API', () => {
  it('are those of the job, as Flink shows them and as numbers', async () => {
    expect(await get(`/v1/jobs/${jobId}/accumulators`)).toEqual({
      status: 200,
      body: {
        'job-accumulators': [],
        'user-task-accumulators': [
          { name: 'delays', type: 'Histogram', value: '{10=2}' },
          { name: 'late', type: 'LongCounter', value: '7' },
        ],
        'serialized-user-task-accumulators': {},
        weir: { accumulators: { delays: { '10': 2 }, late: 7 } },
      },
    });
  });

  it('are those of a vertex, and of each of its subtasks', async () => {
    expect((await get(`/jobs/${jobId}/vertices/${sums}/accumulators`)).body).toMatchObject({
      id: sums,
      'user-accumulators': [{ name: 'delays' }, { name: 'late', value: '7' }],
    });
    expect((await get(`/jobs/${jobId}/vertices/${source}/accumulators`)).body).toEqual({ id: source, 'user-accumulators': [] });
    const { body } = await get(`/jobs/${jobId}/vertices/${sums}/subtasks/accumulators`);
    expect(body).toMatchObject({
      parallelism: 2,
      subtasks: [
        { subtask: 0, 'user-accumulators': [{ name: 'late', type: 'LongCounter', value: '3' }] },
        { subtask: 1, 'user-accumulators': [{ name: 'delays' }, { name: 'late', value: '4' }] },
      ],
    });
  });

  it('say which vertex or job there is not', async () => {
    expect(await get(`/jobs/${jobId}/vertices/${'9'.repeat(32)}/accumulators`)).toMatchObject({ status: 404 });
    expect(await get(`/jobs/${'b'.repeat(32)}/accumulators`)).toMatchObject({ status: 404 });
  });
});

describe('collected results by the control API', () => {
  it('come a page at a time, by name and epoch, as JSON; what is not committed is not there', async () => {
    await write('totals', 11, [{ big: 12n, at: new Date(0), bytes: new Uint8Array([1, 2]), odd: Number.NaN }]);
    await write('totals', 2, [1, 2]);
    await write('lines', 12, ['a']);
    await write('totals', 12, ['not yet'], false);
    const pages: unknown[] = [];
    for (let after: string | null = ''; after !== null; ) {
      const { body } = await get(`/jobs/${jobId}/collected`, after === '' ? '' : new URLSearchParams({ after }).toString());
      const page = body as { readonly name: string | null; readonly records: unknown; readonly next: string | null };
      pages.push([page.name, page.records]);
      after = page.next;
    }
    expect(pages).toEqual([
      ['lines', ['a']],
      ['totals', [1, 2]],
      ['totals', [{ big: '12', at: '1970-01-01T00:00:00.000Z', bytes: 'AQI=', odd: 'NaN' }]],
      [null, []],
    ]);
    expect((await get(`/jobs/${jobId}/collected`, 'name=totals')).body).toMatchObject({ name: 'totals', records: [1, 2] });
    expect((await get(`/jobs/${jobId}/collected`, 'name=none')).body).toEqual({ name: 'none', records: [], next: null });
  });

  it('are divided where an epoch has very many', async () => {
    await write(
      'all',
      1,
      Array.from({ length: 2_500 }, (_, index) => index),
    );
    const { body } = await get(`/jobs/${jobId}/collected`);
    expect((body as { readonly records: readonly number[] }).records).toHaveLength(1_000);
  });
});
