// Would catch: a job that has ended and is noticed only by the next look, a listener that is left behind, and news that ends
// the watch instead of a pause.
import { expect, it } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import { followJob } from '../../src/cli/follow-job.ts';
import type { ControlClient } from '../../src/control-api/client.ts';
import { seen } from './seen-job.ts';

/** Time that does not pass by itself. */
const stillClock: Clock = {
  now: () => 0,
  sleep: (_ms, signal) => new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true })),
};

function followed(looks: readonly ReturnType<typeof seen>[]) {
  const listeners = new Set<() => void>();
  const interrupt = new AbortController();
  let looked = 0;
  const last = followJob({
    client: { job: async () => looks[Math.min(looked++, looks.length - 1)]! } as unknown as ControlClient,
    jobId: 'a'.repeat(32),
    clock: stillClock,
    signal: interrupt.signal,
    onNews(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onProgress: () => undefined,
  });
  return { last, listeners, interrupt, looked: () => looked };
}

const running = seen({});
const ended = seen({}, { state: 'FINISHED', 'end-time': 9_000 });

it('looks at a job again as soon as there is news of it', async () => {
  const { last, listeners, looked } = followed([running, running, ended]);
  for (const looks of [1, 2]) {
    await expect.poll(() => [looked(), listeners.size]).toEqual([looks, 1]);
    for (const listener of listeners) listener();
  }
  expect(await last).toBe(ended);
  expect([looked(), listeners.size]).toEqual([3, 0]);
});

it('gives what it saw last when it is interrupted', async () => {
  const { last, listeners, interrupt, looked } = followed([running]);
  await expect.poll(looked).toBe(1);
  interrupt.abort();
  expect(await last).toBe(running);
  expect(listeners.size).toBe(0);
});
