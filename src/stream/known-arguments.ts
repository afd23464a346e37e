import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';

/** The names of the arguments a schema knows, if it is one of an object and can say so (Standard JSON Schema; zod can). */
export function knownArguments(schema: StandardSchemaV1 | undefined): readonly string[] | undefined {
  const converter = (schema as Partial<StandardJSONSchemaV1> | undefined)?.['~standard']?.jsonSchema;
  if (converter === undefined) return undefined;
  try {
    const { properties } = converter.input({ target: 'draft-2020-12' });
    return typeof properties === 'object' && properties !== null ? Object.keys(properties) : undefined;
  } catch {
    // Not every schema can be put in JSON Schema's words.
    return undefined;
  }
}
