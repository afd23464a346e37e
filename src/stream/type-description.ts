import type { Portable } from '../values/portable.ts';

/** The type of what state or keys hold, as data: stored with the state, so that a restore can compare. Made by `t`. */
export interface TypeDescription<T> {
  readonly description: Portable;
  /** Never set: it carries the type. */
  readonly of?: T;
}

type Described<D> = D extends TypeDescription<infer T> ? T : never;
type Fields = { readonly [field: string]: TypeDescription<unknown> };
type OptionalNames<F extends Fields> = { [N in keyof F]: undefined extends Described<F[N]> ? N : never }[keyof F];
type ObjectOf<F extends Fields> = { readonly [N in Exclude<keyof F, OptionalNames<F>>]: Described<F[N]> } & {
  readonly [N in OptionalNames<F>]?: Described<F[N]>;
};

const described = <T>(description: Portable): TypeDescription<T> => Object.freeze({ description });

/**
 * Declares what state and keys hold: `valueState({ type: t.object({ count: t.int, at: t.date }) })`. It costs nothing while
 * a job runs; it lets a restore refuse a changed type by name, before anything runs.
 */
export const t = {
  any: described<unknown>('any'),
  string: described<string>('string'),
  number: described<number>('number'),
  int: described<number>('int'),
  boolean: described<boolean>('boolean'),
  bigint: described<bigint>('bigint'),
  bytes: described<Uint8Array>('bytes'),
  date: described<Date>('date'),
  null: described<null>('null'),
  list: <T>(element: TypeDescription<T>) => described<readonly T[]>({ list: element.description }),
  map: <K, V>(key: TypeDescription<K>, value: TypeDescription<V>) =>
    described<ReadonlyMap<K, V>>({ map: [key.description, value.description] }),
  tuple: <const T extends readonly TypeDescription<unknown>[]>(...items: T) =>
    described<{ readonly [I in keyof T]: Described<T[I]> }>({ tuple: items.map(({ description }) => description) }),
  union: <const T extends readonly TypeDescription<unknown>[]>(...members: T) =>
    described<Described<T[number]>>({ union: members.map(({ description }) => description) }),
  optional: <T>(type: TypeDescription<T>) => described<T | undefined>({ optional: type.description }),
  object: <F extends Fields>(fields: F) =>
    described<ObjectOf<F>>({ object: Object.fromEntries(Object.entries(fields).map(([name, { description }]) => [name, description])) }),
} as const;
