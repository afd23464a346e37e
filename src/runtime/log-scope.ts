import { AsyncLocalStorage } from 'node:async_hooks';
import type { LogOrigin } from '../base/log-line.ts';
import { operatorOnStack } from './operators/operator.ts';

const scope = new AsyncLocalStorage<LogOrigin>();

/** Runs `work` on behalf of a job, subtask or operator: what it logs is theirs, also after it has waited. */
export function inLogScope<T>(origin: LogOrigin, work: () => T): T {
  return scope.run({ ...scope.getStore(), ...origin }, work);
}

/** Whose code is running. Costs some microseconds, and nothing until it is called. */
export function currentLogOrigin(): LogOrigin {
  const operator = operatorOnStack();
  return { ...scope.getStore(), ...(operator === undefined ? {} : { operator }) };
}
