/** Plain data that survives JSON unchanged: split descriptions, positions, committables, configuration. */
export type Portable = string | number | boolean | null | readonly Portable[] | { readonly [field: string]: Portable };
