/** What a stream may be keyed by: compared by value, with one canonical form and Java's hash codes (see key-hash). */
export type Key = string | number | boolean | bigint | readonly Key[] | { readonly [field: string]: Key };
