import type { Key } from '../values/key.ts';

/** The names of the fields of `T` that always hold a key. */
export type KeyFields<T> = { [Field in keyof T & string]-?: T[Field] extends Key ? Field : never }[keyof T & string];
