/** Deeply read-only, as all that state returns: state changes only through its methods. */
export type Immutable<T> = T extends (...args: never[]) => unknown
  ? T
  : T extends Date | Uint8Array | string | number | boolean | bigint | null | undefined
    ? T
    : T extends ReadonlyMap<infer K, infer V>
      ? ReadonlyMap<Immutable<K>, Immutable<V>>
      : T extends object
        ? { readonly [K in keyof T]: Immutable<T[K]> }
        : T;

/** A declaration of named state; the name is the field it is declared under. Declared, so that restore is planned before anything runs. */
export interface ValueStateDeclaration<T> {
  readonly kind: 'value';
  /** Never set: it carries the type. */
  readonly type?: T;
}

/** One value per key. */
export const valueState = <T>(): ValueStateDeclaration<T> => ({ kind: 'value' });

export type StateDeclaration = ValueStateDeclaration<unknown>;
export type StateDeclarations = { readonly [name: string]: StateDeclaration };

/** The current key's value. */
export interface ValueState<T> {
  /** Nothing if it was never set, or cleared. */
  value(): Immutable<T> | undefined;
  update(value: T | Immutable<T>): void;
  clear(): void;
}

export type StateHandle<D> = D extends ValueStateDeclaration<infer T> ? ValueState<T> : never;
export type StateHandles<D extends StateDeclarations> = { readonly [Name in keyof D]: StateHandle<D[Name]> };
