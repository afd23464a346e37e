/** The names of the fields of `T` that always hold a number, or always a bigint: what can be summed. */
export type NumericFields<T> = {
  [Field in keyof T & string]-?: T[Field] extends number ? Field : T[Field] extends bigint ? Field : never;
}[keyof T & string];

/** The names of the fields of `T` that always hold one kind of what can be compared by `<`. */
export type ComparableFields<T> = {
  [Field in keyof T & string]-?: T[Field] extends number
    ? Field
    : T[Field] extends bigint
      ? Field
      : T[Field] extends string
        ? Field
        : T[Field] extends Date
          ? Field
          : never;
}[keyof T & string];
