import type { Key } from '../values/key.ts';
import type { KeySelector } from './functions.ts';

type Selector = KeySelector<unknown, Key>;

const byField = new Map<string, Selector>();
const fields = new WeakMap<Selector, string>();

/** What keys records, given as a function or as the name of a field. */
export function selectorOf(by: string | KeySelector<never, Key>): Selector {
  return typeof by === 'string' ? selectorOfField(by) : (by as Selector);
}

/** The field that a selector reads and nothing else, if it was given by its name: then every record holds its key. */
export function fieldOfSelector(selector: Selector): string | undefined {
  return fields.get(selector);
}

/** One function per field, compiled, so that the access is a plain one and not one by whatever name. */
function selectorOfField(field: string): Selector {
  let selector = byField.get(field);
  if (selector === undefined) {
    // The name comes as a string literal, so it can't be more than a name.
    selector = new Function('element', `return element[${JSON.stringify(field)}];`) as Selector;
    byField.set(field, selector);
    fields.set(selector, field);
  }
  return selector;
}
