/**
 * Of a refusal: the code of its error, e.g. JOB_NOT_FOUND. A header, since Flink's client takes a body for a refusal only if
 * it has one field, `errors`.
 */
export const errorCodeHeader = 'weir-error-code';
