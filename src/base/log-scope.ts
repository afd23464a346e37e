import { AsyncLocalStorage } from 'node:async_hooks';
import type { LogOrigin } from './log-line.ts';

const scope = new AsyncLocalStorage<LogOrigin>();

/** Runs `work` on behalf of a job, subtask or operator: what it logs is theirs, also after it has waited. */
export function inLogScope<T>(origin: LogOrigin, work: () => T): T {
  return scope.run({ ...scope.getStore(), ...origin }, work);
}

/** On whose behalf this runs. */
export const logScope = (): LogOrigin => scope.getStore() ?? {};
