/** What compiled code answers of an object that it has taken apart; numbers from 0 on are fields that do not fit. */
export const fitted = -1;
export const unfit = -2;

/** Whether a number is none that 32 bits hold; -0 would come back as 0. */
export const noInteger = (value: string): string => `(${value} | 0) !== ${value} || (${value} === 0 && 1 / ${value} < 0)`;

/**
 * Statements for a compiled function: the fields of `object` are `value0`, `value1` and so on behind them, and it is a plain
 * object with exactly these fields in this order; of anything else the function returns `unfit`.
 *
 * The fields are read before anything is asked of the object: then V8 knows its hidden class, and so its prototype, which it
 * would otherwise fetch by a call into the runtime, at a tenth of what a record costs.
 */
export function takeApart(fields: readonly string[]): string {
  // Field names come as string literals, so no name can be more than a name.
  const names = fields.map((field) => JSON.stringify(field));
  return `if (typeof object !== 'object' || object === null) return ${unfit};
    ${names.map((name, i) => `const value${i} = object[${name}];`).join('\n    ')}
    if (Object.getPrototypeOf(object) !== Object.prototype) return ${unfit};
    let at = 0;
    for (const field in object) if (field !== fields[at++]) return ${unfit};
    if (at !== ${fields.length}) return ${unfit};`;
}
