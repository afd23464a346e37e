// Catches: results that depend on parallelism, slots, batches, or on whether an environment was warm, stale, cold or doubled.
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { recordKeys } from '../../src/protocol/names.ts';
import { SlotRuntime } from '../../src/runtime/slot-runtime.ts';
import { contentOf, Drive } from './drive.ts';
import { plainSums, readings, sorted, sumsBySensor } from './jobs.ts';

const elements = readings(230);
const expected = plainSums(elements);

async function start(parallelism: number, slots: number, records = 37): Promise<Drive> {
  return await new Drive(sumsBySensor(elements), { parallelism, slots, batch: { records, bytes: 1_000_000 } }).submit();
}

describe('a job on slots', () => {
  it.each([
    [1, 1, 37],
    [3, 1, 37],
    [3, 2, 37],
    [3, 3, 5],
    [4, 3, 1_000],
    [7, 2, 14],
  ])('equals a plain loop at parallelism %i on %i slots with batches of %i', async (parallelism, slots, records) => {
    const drive = await start(parallelism, slots, records);
    expect(sorted(await drive.untilEnd())).toEqual(expected);
  });

  it('reads no manifest and no state while it is warm', async () => {
    const drive = await start(2, 2);
    await drive.epoch();
    drive.cloud.calls.clear();
    await drive.epoch();
    expect(drive.cloud.calls.get('objects.get')).toBe(undefined);
    // Of a level, each slot reads the acknowledgements it needs at once, and nothing else.
    expect(drive.cloud.calls.get('records.getMany')! - drive.job.jobGraph.vertices.length).toBe(2);
    expect(drive.cloud.calls.get('records.get')).toBe(undefined);
  });

  it('reads nothing at all while one warm slot runs it', async () => {
    const drive = await start(2, 1);
    await drive.epoch();
    await drive.inject();
    drive.cloud.calls.clear();
    for (const level of drive.levels) await drive.level(level);
    expect([...drive.cloud.calls.keys()].sort()).toEqual(['objects.put', 'records.put'].filter((name) => drive.cloud.calls.has(name)));
  });
});

describe('an environment', () => {
  /** Runs the whole job, with `disturb` before each epoch; gives what each acknowledgement of each checkpoint says. */
  async function contents(disturb: (drive: Drive, epoch: number) => Promise<void> | void): Promise<readonly unknown[]> {
    const drive = await start(3, 2);
    const said: unknown[] = [];
    await drive.untilEnd(async (epoch) => {
      said.push(drive.acknowledgements.map(contentOf));
      await disturb(drive, epoch);
    });
    expect(sorted(drive.output)).toEqual(expected);
    return [...said, drive.acknowledgements.map(contentOf)];
  }

  it('acknowledges the same whether it is warm or cold', async () => {
    const warm = await contents(() => undefined);
    const cold = await contents((drive) => {
      drive.slotRuntimes = drive.slotRuntimes.map(() => drive.environment());
    });
    expect(cold).toEqual(warm);
  });

  it('acknowledges the same when it was prepared, or comes back after some epochs that another ran', async () => {
    const warm = await contents(() => undefined);
    const prepared = await contents(async (drive, epoch) => {
      if (epoch % 2 === 0) drive.slotRuntimes[1] = drive.environment();
      expect(await drive.prepare(1)).toEqual({ kind: 'prepared', slot: 1 });
    });
    const stale: { away?: Drive['slotRuntimes'][number] } = {};
    const swapped = await contents((drive, epoch) => {
      if (epoch % 3 !== 0) return;
      const here = drive.slotRuntimes[0]!;
      drive.slotRuntimes[0] = stale.away ?? drive.environment();
      stale.away = here;
    });
    expect(prepared).toEqual(warm);
    expect(swapped).toEqual(warm);
  });

  it('acknowledges the same when each call comes twice, to two environments at once or to one', async () => {
    const warm = await contents(() => undefined);
    for (const twins of [1, 2]) {
      const drive = await start(3, 2);
      const others = drive.slotRuntimes.map(() => drive.environment());
      const said: unknown[] = [[]];
      while (!drive.ended) {
        await drive.inject();
        for (const level of drive.levels) {
          const calls = drive.slotRuntimes.flatMap((runtime, slot) => {
            const command = drive.command(slot, level, { storeHandover: true });
            return [runtime.handle(command), (twins === 2 ? others[slot]! : runtime).handle(command)];
          });
          for (const reply of await Promise.all(calls)) expect(reply.kind).toBe('acknowledged');
        }
        await drive.complete();
        said.push(drive.acknowledgements.map(contentOf));
      }
      expect(sorted(drive.output)).toEqual(expected);
      expect(said.map(withoutOutput)).toEqual(warm.map(withoutOutput));
    }
  });

  it('takes back what an attempt did that was aborted, and an acknowledgement of unknown outcome', async () => {
    const warm = await contents(() => undefined);
    const disturbed = await contents(async (drive) => {
      await drive.inject(0);
      await drive.level(0);
      await drive.inject(0);
      drive.cloud.fail('records.put', 'after', 1);
      expect((await drive.level(0)).filter(({ kind }) => kind === 'failed')).toHaveLength(1);
    });
    expect(disturbed.map(withoutAttempt)).toEqual(warm.map(withoutAttempt));
  });

  it('answers that a hand-over is lost when it is not the one that has it, and goes on when hand-overs are stored', async () => {
    const drive = await start(3, 2);
    await drive.epoch();
    await drive.inject();
    await drive.level(0);
    drive.slotRuntimes[1] = drive.environment();
    expect(await drive.level(1)).toEqual([
      { kind: 'acknowledged', slot: 0, level: 1 },
      { kind: 'handoverLost', slot: 1 },
    ]);
    await drive.inject();
    await drive.level(0, { storeHandover: true });
    drive.slotRuntimes = drive.slotRuntimes.map(() => drive.environment());
    expect((await drive.level(1, { storeHandover: true })).map(({ kind }) => kind)).toEqual(['acknowledged', 'acknowledged']);
    await drive.complete();
    expect(sorted(await drive.untilEnd())).toEqual(expected);
  });

  it('hands nothing over that lost to another environment', async () => {
    const drive = await start(3, 1);
    await drive.inject();
    const other = drive.environment();
    expect((await drive.slotRuntimes[0]!.handle(drive.command(0, 0))).kind).toBe('acknowledged');
    expect((await other.handle(drive.command(0, 0))).kind).toBe('acknowledged');
    expect((await other.handle(drive.command(0, 1))).kind).toBe('handoverLost');
    expect((await drive.slotRuntimes[0]!.handle(drive.command(0, 1))).kind).toBe('acknowledged');
  });

  it('answers notReady when more state is to be loaded than fits into an epoch, until it is prepared', async () => {
    const random = seededRandom('state that does not compress');
    const many = Array.from({ length: 12_000 }, (_, i) => ({ sensor: random.hex(200), at: i, value: i }));
    const drive = await new Drive(sumsBySensor(many), { batch: { records: 11_000, bytes: 10_000_000 } }).submit();
    await drive.epoch();
    drive.slotRuntimes = [drive.environment()];
    await drive.inject();
    expect(await drive.level(0)).toEqual([{ kind: 'acknowledged', slot: 0, level: 0 }]);
    expect(await drive.level(1)).toEqual([{ kind: 'notReady', slot: 0 }]);
    expect(await drive.prepare(0)).toEqual({ kind: 'prepared', slot: 0 });
    await drive.inject();
    for (const level of drive.levels) expect(await drive.level(level)).toEqual([{ kind: 'acknowledged', slot: 0, level }]);
  });

  it('refuses a command that is older than what it knows, and is none the worse for it', async () => {
    const drive = await start(3, 1);
    await drive.inject();
    const late = drive.command(0, 0);
    await drive.inject();
    for (const level of drive.levels) await drive.level(level);
    expect(await drive.slotRuntimes[0]!.handle(late)).toMatchObject({ kind: 'failed', failure: { code: 'STALE_COMMAND' } });
    await drive.complete();
    expect(sorted(await drive.untilEnd())).toEqual(expected);
  });

  it('gives up at its deadline, as for want of resources', async () => {
    const drive = await start(1, 1);
    await drive.inject();
    const reply = drive.slotRuntimes[0]!.handle(drive.command(0, 0, { deadlineMs: 100 }));
    drive.cloud.advance(100);
    expect(await reply).toMatchObject({ kind: 'failed', failure: { code: 'DEADLINE_EXCEEDED', domain: 'resources' } });
    const aborted = AbortSignal.abort();
    expect(await drive.slotRuntimes[0]!.handle(drive.command(0, 0), aborted)).toMatchObject({
      kind: 'failed',
      failure: { code: 'DEADLINE_EXCEEDED' },
    });
  });

  it('has no deadline without time limits', async () => {
    const drive = await start(1, 1);
    await drive.inject();
    const runtime = new SlotRuntime(drive.cloud, () => drive.job, { timeLimits: false });
    const reply = runtime.handle(drive.command(0, 0, { deadlineMs: 100 }));
    drive.cloud.advance(1_000_000);
    expect(await reply).toMatchObject({ kind: 'acknowledged' });
  });

  it('fails by name when its program builds another graph than was submitted', async () => {
    const drive = await start(2, 1);
    const key = recordKeys.jobDescription(drive.name.jobId);
    const description = await drive.cloud.records.get(key);
    await drive.cloud.records.put(key, { ...description!.fields, graphDigest: 'another' }, { kind: 'always' });
    await drive.inject();
    expect(await drive.level(0)).toMatchObject([{ kind: 'failed', failure: { code: 'GRAPH_CHANGED', domain: 'program' } }]);
  });

  it('fails when a level is called before its input is there', async () => {
    const drive = await start(2, 1);
    await drive.inject();
    expect(await drive.level(1)).toMatchObject([{ kind: 'failed', failure: { code: 'INPUT_MISSING' } }]);
  });
});

/** Whether output went through memory or storage is no part of what was said. */
const withoutOutput = (said: unknown): unknown =>
  (said as readonly { readonly [field: string]: unknown }[]).map(({ handover: _h, slices: _s, outputChecksum: _c, ...rest }) => rest);

const withoutAttempt = (said: unknown): unknown =>
  (said as readonly { readonly [field: string]: unknown }[]).map(({ attempt: _a, ...rest }) => rest);
