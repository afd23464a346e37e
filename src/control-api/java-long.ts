/** Java's largest long: what Flink's clients take for "never" or for the end of event time. */
export const javaLongMaxText = '9223372036854775807';
/** The least one: a watermark that has not come yet. */
export const javaLongMinText = '-9223372036854775808';

declare global {
  interface JSON {
    /** Of V8: what `JSON.stringify` writes as it stands. */
    rawJSON(text: string): object;
  }
}

/**
 * Java's largest long as a number of a reply. JavaScript has no number between 2^53 and it: printed as one it would be
 * 9223372036854776000, which no Java long can hold. This prints every digit; a client in JavaScript reads the rounded one.
 */
export const javaLongMax = (): number => JSON.rawJSON(javaLongMaxText) as unknown as number;
