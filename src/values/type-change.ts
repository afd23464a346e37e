import type { Portable } from './portable.ts';

/*
 * Descriptions of types, as they are declared beside state and stored in metadata:
 *
 *   "any", "string", "number", "int", "boolean", "bigint", "bytes", "date", "null"
 *   { "list": type }, { "map": [key type, value type] }, { "tuple": [type, ...] }, { "union": [type, ...] }
 *   { "object": { field: type, ... } }, { "optional": type } for fields that may be missing
 */

export interface TypeChange {
  /** Where within the value, as ` at .count`; empty at the top. */
  readonly at: string;
  readonly before: string;
  readonly now: string;
}

/**
 * The first place where values of one declared type are not of another; nothing where they are, as far as that is
 * declared. Fields that come or go are no change: values are plain data, and what is missing reads as undefined.
 */
export function typeChange(before: Portable | undefined, now: Portable | undefined, at = ''): TypeChange | undefined {
  if (before === undefined || now === undefined || before === 'any' || now === 'any') return undefined;
  if (before === 'int' && now === 'number') return undefined;
  const [a, b] = [partsOf(before), partsOf(now)];
  if (a?.kind === 'optional') return typeChange(a.parts, now, at);
  if (b?.kind === 'optional') return typeChange(before, b.parts, at);
  if (a?.kind === 'union')
    return membersOf(a.parts)
      .map((member) => typeChange(member, now, at))
      .find((found) => found !== undefined);
  if (b?.kind === 'union')
    return membersOf(b.parts).some((member) => typeChange(before, member) === undefined) ? undefined : change(before, now, at);
  if (a === undefined || b === undefined) return before === now ? undefined : change(before, now, at);
  if (a.kind !== b.kind) return change(before, now, at);
  switch (a.kind) {
    case 'list':
      return typeChange(a.parts, b.parts, `${at}[]`);
    case 'object':
      return fieldChange(a.parts, b.parts, at);
    default:
      if (membersOf(a.parts).length !== membersOf(b.parts).length) return change(before, now, at);
      return itemChange(membersOf(a.parts), membersOf(b.parts), at);
  }
}

function partsOf(type: Portable): { readonly kind: string; readonly parts: Portable } | undefined {
  if (typeof type !== 'object' || type === null || Array.isArray(type)) return undefined;
  const [first] = Object.entries(type as { readonly [kind: string]: Portable });
  return first && { kind: first[0], parts: first[1] };
}

function fieldChange(before: Portable, now: Portable, at: string): TypeChange | undefined {
  const fields = before as { readonly [field: string]: Portable };
  for (const [field, type] of Object.entries(now as { readonly [field: string]: Portable })) {
    const found = Object.hasOwn(fields, field) ? typeChange(fields[field], type, `${at}.${field}`) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Of maps and tuples. */
function itemChange(before: readonly Portable[], now: readonly Portable[], at: string): TypeChange | undefined {
  for (const [index, type] of now.entries()) {
    const found = typeChange(before[index], type, `${at}[${index}]`);
    if (found !== undefined) return found;
  }
  return undefined;
}

const membersOf = (parts: Portable): readonly Portable[] => parts as readonly Portable[];

const change = (before: Portable, now: Portable, at: string): TypeChange => ({
  at: at === '' ? '' : ` at ${at}`,
  before: typeText(before),
  now: typeText(now),
});

/** For messages. */
export const typeText = (type: Portable): string => (typeof type === 'string' ? type : JSON.stringify(type));
