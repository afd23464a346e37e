import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../../src/testing/simulated-clock.ts';

describe('virtual time', () => {
  it('jumps to the end of the next sleep when nothing else can run', async () => {
    const clock = new SimulatedClock(1_000);
    await clock.sleep(3_600_000);
    expect(clock.now()).toBe(3_601_000);
  });

  it('wakes sleepers by time, and those of one time in the order in which they began', async () => {
    const clock = new SimulatedClock(0);
    const woken: string[] = [];
    const sleepers = [
      clock.sleep(20).then(() => woken.push('late')),
      clock.sleep(10).then(() => woken.push('first of ten')),
      clock.sleep(10).then(() => woken.push('second of ten')),
      clock.sleep(5).then(() => woken.push('early')),
    ];
    await Promise.all(sleepers);
    expect(woken).toEqual(['early', 'first of ten', 'second of ten', 'late']);
  });

  it('lets everything run that a sleeper set off before it wakes the next', async () => {
    const clock = new SimulatedClock(0);
    const seen: string[] = [];
    const chain = async () => {
      await clock.sleep(10);
      for (let step = 0; step < 50; step++) await Promise.resolve();
      seen.push(`chain ended at ${clock.now()}`);
    };
    const other = clock.sleep(11).then(() => seen.push('the next woke'));
    await Promise.all([chain(), other]);
    expect(seen).toEqual(['chain ended at 10', 'the next woke']);
  });

  it('does not wait at all for a sleep that is not positive', async () => {
    const clock = new SimulatedClock(0);
    await clock.sleep(0);
    await clock.sleep(-5);
    expect(clock.now()).toBe(0);
  });

  it('rejects an aborted sleep with the reason, and forgets it', async () => {
    const clock = new SimulatedClock(0);
    const controller = new AbortController();
    const sleep = clock.sleep(1_000, controller.signal);
    controller.abort(new Error('enough'));
    await expect(sleep).rejects.toThrow('enough');
    await expect(clock.sleep(1, controller.signal)).rejects.toThrow('enough');
    expect(clock.sleeping).toBe(0);
  });

  it('wakes nobody after it was stopped', async () => {
    const clock = new SimulatedClock(0);
    let woke = false;
    void clock.sleep(1).then(() => {
      woke = true;
    });
    clock.stop();
    void clock.sleep(1);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(woke).toBe(false);
    expect(clock.sleeping).toBe(0);
  });
});
