import type { OperatorState } from '../../state/index.ts';
import type { StateDeclaration } from '../../stream/state.ts';
import { type CanonicalKey, canonicalKey, compareCanonicalKeys } from '../../values/canonical-key.ts';
import type { Key } from '../../values/key.ts';
import type { ReferenceState } from '../reference-operators.ts';
import { type KeyedCopy, type KeyedPart, keyedParts } from './keyed-parts.ts';

/** One part of an operator's state: as it was restored, and as the reference has it. */
export interface ComparedState {
  readonly what: string;
  readonly found: unknown;
  readonly wanted: unknown;
}

/** All of an operator's state but its timers, in an attempt at hand, at whose stamp what has expired is hidden. */
export function* statesOf(copy: OperatorState, expected: ReferenceState): Generator<ComparedState, undefined> {
  for (const { copy: keyed, values } of keyedParts(copy, expected)) {
    for (const [name, { declaration, byKey }] of values) {
      for (const { key, value } of byKey.values()) {
        keyed.at(key);
        yield { what: `state ${name} for key ${show(key)}`, ...compared(keyed, name, declaration, value) };
      }
    }
  }
  for (const [name, wanted] of expected.broadcast) {
    yield { what: `broadcast state ${name}`, found: copy.operatorValue(`broadcast:${name}`) ?? [], wanted };
  }
  for (const [name, wanted] of expected.lists) {
    const found = ['split', 'union', 'subtask'].map((kind) => copy.operatorValue(`${kind}:${name}`)).find((value) => value !== undefined);
    yield { what: `list ${name}`, found: found ?? [], wanted };
  }
  return undefined;
}

function compared(copy: KeyedCopy, name: string, declaration: StateDeclaration | undefined, value: unknown) {
  switch (declaration?.kind) {
    case 'list':
      return { found: copy.state(name, declaration).get(), wanted: value };
    case 'map':
      return { found: [...copy.state(name, declaration).entries()], wanted: [...(value as ReadonlyMap<CanonicalKey, unknown>).values()] };
    case 'value':
    case 'reducing':
    case 'aggregating':
      // Of a reduction the value, of an aggregation the accumulator.
      return { found: copy.state(name, { ...declaration, kind: 'value' }).value(), wanted: value };
    case undefined:
      return { found: copy.valueState(name).value(), wanted: value };
  }
}

/** How many entries the engine should count in keyed state. */
export function countOf({ values, timers, processingTimers, namespaced }: ReferenceState): number {
  let entries = timers.length + processingTimers.length + (namespaced?.timers.length ?? 0);
  for (const { declaration, byKey } of [...values.values(), ...(namespaced?.values.values() ?? [])]) {
    for (const { value } of byKey.values()) {
      if (declaration?.kind === 'list') entries += (value as readonly unknown[]).length;
      else if (declaration?.kind === 'map') entries += (value as ReadonlyMap<CanonicalKey, unknown>).size;
      else entries++;
    }
  }
  return entries;
}

/** All timers of one domain, in the order in which they fire. Takes them from the copy: to be undone. */
export function timersOf({ copy, namespace, ...expected }: KeyedPart, domain: 'timers' | 'processingTimers') {
  const found: string[] = [];
  for (let time = copy[domain].poll(Infinity); time !== undefined; time = copy[domain].poll(Infinity)) {
    found.push(describeTimer(time, canonicalKey(copy.currentKey), copy.currentNamespace));
  }
  const wanted = expected[domain]
    .toSorted((a, b) => a.time - b.time || compareCanonicalKeys(a.canonical, b.canonical))
    .map(({ time, canonical }) => describeTimer(time, canonical, namespace));
  return { found: found.join(', '), wanted: wanted.join(', ') };
}

const describeTimer = (time: number, key: CanonicalKey, namespace: Key | undefined): string =>
  `${time} ${show(key)}${namespace === undefined ? '' : ` in ${show(namespace)}`}`;

/** Where two values begin to differ, with what they are there. */
export function showDifference(found: unknown, wanted: unknown): string {
  if (!Array.isArray(found) || !Array.isArray(wanted)) return `${show(found)} instead of ${show(wanted)}`;
  const at = [...found, undefined].findIndex((value, index) => show(value) !== show(wanted[index]));
  return `of ${found.length} instead of ${wanted.length} items, number ${at} is ${show(found[at])} instead of ${show(wanted[at])}`;
}

const show = (value: unknown): string =>
  value === undefined
    ? 'nothing'
    : (JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? String(value)).slice(0, 400);
