import type { Clock } from '../base/clock.ts';

/** Timers take 31 bits of milliseconds; a longer one fires at once. */
const sleepMsMax = 2_147_483_647;

/** A sleep of any length. */
export async function longSleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  let left = ms;
  while (left > sleepMsMax) {
    await clock.sleep(sleepMsMax, signal);
    left -= sleepMsMax;
  }
  await clock.sleep(left, signal);
}
