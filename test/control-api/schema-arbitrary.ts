import fc from 'fast-check';

/** As far as OpenAPI documents made from our schemas use it. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
}

const text = fc.string({ unit: 'binary', maxLength: 40 });
const noise = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  text,
  fc.constantFrom('', '../..', 's3://foreign/x', 1e308, -0, [[]], '__proto__', '\u0000'),
);

/** Mostly what the schema takes, with something else here and there. `known` are values worth trying, by the names of fields. */
export function arbitraryOf(schema: JsonSchema, known: Readonly<Record<string, readonly unknown[]>>, name = ''): fc.Arbitrary<unknown> {
  const worth = known[name];
  const proper = worth === undefined ? properOf(schema, known) : fc.oneof(fc.constantFrom(...worth), properOf(schema, known));
  return fc.oneof({ weight: 12, arbitrary: proper }, { weight: 1, arbitrary: noise });
}

function properOf(schema: JsonSchema, known: Readonly<Record<string, readonly unknown[]>>): fc.Arbitrary<unknown> {
  const { anyOf, oneOf, allOf } = schema;
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = anyOf ?? oneOf ?? allOf;
  if (choices !== undefined) return fc.oneof(...choices.map((each) => arbitraryOf(each, known)));
  switch (schema.type) {
    case 'string':
      return stringOf(schema);
    case 'integer':
      return fc.integer({ min: Math.max(schema.minimum ?? -5, -(2 ** 31)), max: Math.min(schema.maximum ?? 1_000, 2 ** 31 - 1) });
    case 'number':
      return fc.double();
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(arbitraryOf(schema.items ?? {}, known), { minLength: schema.minItems ?? 0, maxLength: 4 });
    case 'object':
      return objectOf(schema, known);
    default:
      return fc.jsonValue({ maxDepth: 3 });
  }
}

function stringOf({ pattern, minLength = 0, maxLength = 40 }: JsonSchema): fc.Arbitrary<string> {
  if (pattern !== undefined && !pattern.includes('(?!')) return fc.stringMatching(new RegExp(pattern));
  return fc.oneof(text, fc.string({ minLength, maxLength: Math.min(Math.max(minLength, 40), maxLength) }));
}

function objectOf(schema: JsonSchema, known: Readonly<Record<string, readonly unknown[]>>): fc.Arbitrary<unknown> {
  const { properties, required = [], additionalProperties } = schema;
  if (properties === undefined) {
    return fc.dictionary(
      text,
      typeof additionalProperties === 'object' ? arbitraryOf(additionalProperties, known) : fc.jsonValue({ maxDepth: 2 }),
      { maxKeys: 4 },
    );
  }
  const fields = Object.fromEntries(Object.entries(properties).map(([name, of]) => [name, arbitraryOf(of, known, name)]));
  return fc.oneof(
    { weight: 9, arbitrary: fc.record(fields, { requiredKeys: [...required] }) },
    { weight: 1, arbitrary: fc.record(fields, { requiredKeys: [] }) },
  );
}
