import { WeirError } from '../base/errors.ts';
import type { StateDeclaration, StateDeclarations, StateTtl } from './state.ts';

const makers: { readonly [Kind in StateDeclaration['kind']]: string } = {
  value: 'valueState',
  list: 'listState',
  map: 'mapState',
  reducing: 'reducingState',
  aggregating: 'aggregatingState',
};

const functionsOf: { readonly [kind: string]: readonly string[] } = { reducing: ['reduce'], aggregating: ['create', 'add', 'result'] };

const choices: { readonly [option in 'update' | 'visibility']: readonly NonNullable<StateTtl[option]>[] } = {
  update: ['onCreateAndWrite', 'onReadAndWrite'],
  visibility: ['neverReturnExpired', 'returnExpiredIfNotCleanedUp'],
};

/** Refuses what the types already refuse, for callers without types, and names that are kept for the engine. */
export function checkStateDeclarations(declarations: StateDeclarations, broadcast: StateDeclarations = {}): void {
  checkDeclarations(declarations);
  checkDeclarations(broadcast);
  for (const [name, { kind, ttl }] of Object.entries(broadcast)) {
    if (kind !== 'map') throw invalidState(name, `broadcast state must be made by mapState(), but its kind is "${kind}"`);
    if (ttl !== undefined) throw invalidState(name, 'broadcast state has no time to live');
    if (Object.hasOwn(declarations, name)) throw invalidState(name, 'it is declared twice, under state and under broadcastState');
  }
}

/** Others are kept for the engine. */
export function checkStateName(name: string): void {
  if (/^[A-Za-z][\w.-]*$/.test(name)) return;
  throw invalidState(name, 'its name must begin with a letter and go on with letters, digits, ".", "-" and "_"');
}

function checkDeclarations(declarations: StateDeclarations): void {
  for (const [name, declaration] of Object.entries(declarations)) {
    checkStateName(name);
    checkDeclaration(name, declaration as unknown);
  }
}

function checkDeclaration(name: string, declaration: unknown): void {
  const fields = Object(declaration) as { readonly [field: string]: unknown };
  const { kind } = fields;
  if (typeof kind !== 'string' || !Object.hasOwn(makers, kind)) {
    const expected = Object.values(makers).map((maker) => `${maker}()`);
    throw invalidState(
      name,
      `it must be made by ${expected.slice(0, -1).join(', ')} or ${expected.at(-1)}, but its kind is ${JSON.stringify(kind) ?? 'missing'}`,
    );
  }
  for (const field of functionsOf[kind] ?? []) {
    if (typeof fields[field] !== 'function') throw invalidState(name, `${field} must be a function, but is ${shown(fields[field])}`);
  }
  if (fields['ttl'] !== undefined) checkTtl(name, fields['ttl']);
  checkSchema(name, fields);
}

/** Of state of any kind. */
export function checkSchema(name: string, { version, migrate }: { readonly [field: string]: unknown }): void {
  if (version !== undefined && (!Number.isSafeInteger(version) || (version as number) < 1)) {
    throw invalidState(name, `version must be a whole number, at least 1, but is ${shown(version)}`);
  }
  if (migrate !== undefined && typeof migrate !== 'function')
    throw invalidState(name, `migrate must be a function, but is ${shown(migrate)}`);
}

function checkTtl(name: string, ttl: unknown): void {
  const fields = Object(ttl) as { readonly [field: string]: unknown };
  if (!Number.isSafeInteger(fields['ms']) || (fields['ms'] as number) < 1) {
    throw invalidState(name, `ttl.ms must be a whole number of milliseconds, at least 1, but is ${shown(fields['ms'])}`);
  }
  for (const [option, allowed] of Object.entries(choices)) {
    const chosen = fields[option];
    if (chosen === undefined || (allowed as readonly unknown[]).includes(chosen)) continue;
    throw invalidState(name, `ttl.${option} must be ${allowed.map((choice) => `"${choice}"`).join(' or ')}, but is ${shown(chosen)}`);
  }
}

const shown = (value: unknown): string =>
  value === undefined ? 'missing' : typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? `a ${typeof value}`);

/** The refusal of a declaration. `problem` is a clause. */
export function invalidState(name: string, problem: string): WeirError {
  return new WeirError({
    code: 'INVALID_STATE_DECLARATION',
    domain: 'program',
    message: `State "${name}" cannot be declared: ${problem}.`,
    advice: 'Declare state as in state: { total: valueState<Total>() }.',
    subject: { state: name },
  });
}
