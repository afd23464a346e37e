import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';

export interface KnownArguments {
  readonly names: readonly string[];
  /** Whether it drops others in silence, instead of refusing them or letting them through. */
  readonly dropsOthers: boolean;
}

/** The arguments a schema knows, if it is one of an object and can say so (Standard JSON Schema; zod can). */
export function knownArguments(schema: StandardSchemaV1 | undefined): KnownArguments | undefined {
  const converter = (schema as Partial<StandardJSONSchemaV1> | undefined)?.['~standard']?.jsonSchema;
  if (converter === undefined) return undefined;
  try {
    const { properties, additionalProperties } = converter.input({ target: 'draft-2020-12' });
    if (typeof properties !== 'object' || properties === null) return undefined;
    return { names: Object.keys(properties), dropsOthers: additionalProperties === undefined };
  } catch {
    // Not every schema can be put in JSON Schema's words.
    return undefined;
  }
}
