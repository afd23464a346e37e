// A savepoint is committed before its output is published. Whoever begins from it in between publishes that output first.
import { describe, expect, it } from 'vitest';
import type { FaultPlan } from '../../src/testing/index.ts';
import { countsOfCounts } from './jobs.ts';
import { inWorld } from './support/world.ts';

const job = countsOfCounts(60, { recordsPerSecond: 10 });
const sorted = (values: readonly unknown[]): readonly string[] => values.map((value) => JSON.stringify(value)).sort();

const straight = inWorld({}, async (world) => {
  world.deploy('counts', job.definition);
  await world.ended(await world.start('counts', { parallelism: 2 }));
  return sorted(world.output(job.sink));
});

/** From now on, until it is released, one program can publish nothing. */
class Blockade {
  #blocked: string | undefined;
  readonly faults: FaultPlan = ({ operation, from }) =>
    operation === 'objects.publish' && this.#blocked !== undefined && from.startsWith(this.#blocked) ? { kind: 'errorBefore' } : undefined;

  begin(program: string): void {
    this.#blocked = program;
  }

  release(): void {
    this.#blocked = undefined;
  }
}

describe('a restore of a savepoint whose output was never published', () => {
  it.each([
    ['stop', 2],
    ['stop', 3],
    ['cancel', 3],
  ] as const)('publishes it first: after %s, at parallelism %i', async (kind, parallelism) => {
    const blockade = new Blockade();
    await inWorld({ faults: blockade.faults }, async (world) => {
      world.deploy('first', job.definition);
      world.deploy('second', job.definition);
      const first = await world.start('first', { parallelism: 2 });
      await world.atCheckpoint(first, 3);
      const answer = world.ask({ jobId: first, kind });
      const { latest, effects } = await world.when(
        first,
        (record) => record.effects?.answers.some(({ request }) => request.kind === kind) === true,
      );
      // It is committed just now, and nothing of it is published yet.
      blockade.begin('first-');
      expect(effects?.publish).toBe(true);
      const [path = ''] = (effects?.answers ?? []).flatMap(({ outcome }) => (outcome.kind === 'savepoint' ? [outcome.path] : []));
      const published = world.output(job.sink);

      const second = await world.start('second', { parallelism, restore: { path } });
      // The mark of the restored job is carried out before its first epoch begins.
      const begun = await world.when(second, ({ pending }) => pending !== undefined);
      expect(begun.latest.checkpoint).toBe(latest.checkpoint);
      expect(begun.effects).toBeUndefined();
      expect(world.output(job.sink).length).toBeGreaterThan(published.length);
      expect((await world.ended(second)).status).toBe('FINISHED');
      expect(sorted(world.output(job.sink))).toEqual(await straight);

      blockade.release();
      expect(await answer).toMatchObject({ kind: 'savepoint', path });
      expect((await world.ended(first)).status).toBe(kind === 'stop' ? 'FINISHED' : 'CANCELED');
      expect(sorted(world.output(job.sink))).toEqual(await straight);
    });
  });

  it('is refused if the program lacks the sink that has to publish it, and only until it is published', async () => {
    const other = countsOfCounts(60, { recordsPerSecond: 10 }, 'elsewhere');
    const blockade = new Blockade();
    await inWorld({ faults: blockade.faults }, async (world) => {
      world.deploy('first', job.definition);
      world.deploy('other', other.definition);
      const first = await world.start('first', { parallelism: 2 });
      await world.atCheckpoint(first, 3);
      const answer = world.ask({ jobId: first, kind: 'stop' });
      const { effects } = await world.when(
        first,
        (record) => record.effects?.answers.some(({ request }) => request.kind === 'stop') === true,
      );
      blockade.begin('first-');
      const [path = ''] = (effects?.answers ?? []).flatMap(({ outcome }) => (outcome.kind === 'savepoint' ? [outcome.path] : []));
      for (const allowNonRestoredState of [false, true]) {
        const told = await world.submit('other', { restore: { path, allowNonRestoredState } });
        expect(told).toMatchObject({ kind: 'refused', code: 'RESTORE_REFUSED', message: expect.stringContaining('out') });
      }
      blockade.release();
      expect(await answer).toMatchObject({ kind: 'savepoint', path });
      // Published by its own job by now: the sink is needed no more.
      expect(await world.submit('other', { restore: { path } })).toMatchObject({ kind: 'done' });
    });
  });
});
