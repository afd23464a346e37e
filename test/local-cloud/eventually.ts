import { expect } from 'vitest';

/** Asks again until it holds: patient, since machines are slow at times. */
export const eventually = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 30_000, interval: 10 });
