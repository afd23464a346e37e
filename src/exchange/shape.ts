/**
 * Objects of one shape: the same fields in the same order. A shape's objects are taken apart and put together by two
 * functions made once, in which each field is a plain access, so that the engine can make them fast.
 */
export interface Shape {
  readonly fields: readonly string[];
  /** Whether the object has exactly these fields, in this order. */
  fits(object: object): boolean;
  split(objects: readonly object[]): unknown[][];
  join(columns: readonly (readonly unknown[])[], count: number): object[];
}

type FieldsOf = { readonly [field: string]: unknown };

const shapesKept = 1024;
const known = new Map<string, Shape>();

export function shapeOf(fields: readonly string[]): Shape {
  const name = JSON.stringify(fields);
  let shape = known.get(name);
  if (shape === undefined) {
    shape = makeShape(fields);
    if (known.size >= shapesKept) known.clear();
    known.set(name, shape);
  }
  return shape;
}

function makeShape(fields: readonly string[]): Shape {
  const literal = fields.map((field, i) => `${JSON.stringify(field)}: columns[${i}][i]`).join(', ');
  // Field names come as string literals, so no name can be more than a name.
  const make = new Function(
    'columns',
    'count',
    `const objects = new Array(count); for (let i = 0; i < count; i++) objects[i] = {${literal}}; return objects;`,
  );
  return {
    fields,
    fits(object) {
      let at = 0;
      for (const field in object) if (fields[at++] !== field) return false;
      return at === fields.length;
    },
    split: (objects) => fields.map((field) => objects.map((object) => (object as FieldsOf)[field])),
    join: (columns, count) => make(columns, count) as object[],
  };
}
