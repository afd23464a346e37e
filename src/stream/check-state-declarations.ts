import { WeirError } from '../base/errors.ts';
import type { StateDeclarations } from './state.ts';

/** Refuses what the types already refuse, for callers without types, and names that are kept for the engine. */
export function checkStateDeclarations(declarations: StateDeclarations): void {
  for (const [name, declaration] of Object.entries(declarations)) {
    if (!/^[A-Za-z][\w.-]*$/.test(name)) {
      throw invalid(name, 'its name must begin with a letter and go on with letters, digits, ".", "-" and "_"');
    }
    const kind: unknown = (declaration as { readonly kind?: unknown } | null | undefined)?.kind;
    if (kind !== 'value') throw invalid(name, `it must be made by valueState(), but its kind is ${JSON.stringify(kind) ?? 'missing'}`);
  }
}

function invalid(name: string, problem: string): WeirError {
  return new WeirError({
    code: 'INVALID_STATE_DECLARATION',
    domain: 'program',
    message: `State "${name}" cannot be declared: ${problem}.`,
    advice: 'Declare state as in state: { total: valueState<Total>() }.',
    subject: { state: name },
  });
}
