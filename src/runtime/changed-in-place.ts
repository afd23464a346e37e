import { WeirError } from '../base/errors.ts';
import type { OperatorLabel } from './user-fault.ts';

/** What V8 says when something frozen is changed, with the name of a field or the index of an element. */
const complaints: readonly RegExp[] = [
  /^Cannot assign to read only property '(.*)' of object/,
  /^Cannot add property (.*), object is not extensible$/,
  /^Cannot delete property '(.*)' of /,
  /^Cannot define property (.*), object is not extensible$/,
  /^Cannot redefine property: (.*)$/,
];

/**
 * The error of code that changed a record or a value of state in place, if that is what was thrown. Such a change would work
 * while the slot is warm, and be gone when it is cold.
 */
export function changedInPlace({ operator }: OperatorLabel, thrown: unknown): WeirError | undefined {
  if (!(thrown instanceof TypeError)) return undefined;
  const { message } = thrown;
  const part = complaints.map((complaint) => complaint.exec(message)?.[1]).find((found) => found !== undefined);
  if (part === undefined) return undefined;
  const what = /^\d+$/.test(part) ? `element ${part} of a list` : `field "${part}" of a value`;
  return new WeirError({
    code: 'CHANGED_IN_PLACE',
    domain: 'program',
    message: `Operator "${operator}" changed ${what} in place, but records and values of state are read-only: ${message}.`,
    advice: `Make a new value and go on with that: { ...value, ${/^[A-Za-z_$][\w$]*$/.test(part) ? part : 'field'}: changed } or [...list, element]; state takes it with update, put or add.`,
    cause: thrown,
  });
}
