declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** 32 lower-case hex digits. */
export type JobId = Branded<string, 'JobId'>;
/** 32 lower-case hex digits: Flink's operator ID, the murmur3_128 of the uid or of the position in the graph. */
export type OperatorId = Branded<string, 'OperatorId'>;
/** The operator id of a chain's head. */
export type VertexId = OperatorId;
/** 0 to max parallelism - 1. */
export type KeyGroup = Branded<number, 'KeyGroup'>;

const hex32 = /^[0-9a-f]{32}$/;

export const isHexId = (text: string): boolean => hex32.test(text);

export function operatorId(text: string): OperatorId {
  if (!isHexId(text)) throw new TypeError(`An operator id is 32 lower-case hex digits, but this is "${text}".`);
  return text as OperatorId;
}
