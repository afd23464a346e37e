import { type JsonScalars, unread } from './json-scalars.ts';

/**
 * How the lines of a file look that differ in their values only: made of one line, it reads the others byte by byte,
 * by a function compiled for it, without making a string of each. It reads nothing otherwise than JSON.parse would: a
 * line that looks different in the least is left unread.
 */
export interface JsonTemplate {
  /** The object that begins at `scalars.at`, which then stands behind it; or `unread`. */
  readonly read: (scalars: JsonScalars) => unknown;
}

/** Compiled functions should not grow beyond measure. */
const fieldsMax = 64;

const fieldBegin = /[ \t]*[{,][ \t]*"([ !#-[\]-~]*)"[ \t]*:[ \t]*/y;
const scalar = /-?\d[\d.eE+-]*|"(?:[^"\\]|\\.)*"|true|false|null/y;
const objectEnd = /[ \t]*\}/y;

/** Of a line and what JSON.parse makes of it; nothing if it is no object of scalars. */
export function jsonTemplate(text: string, parsed: unknown): JsonTemplate | undefined {
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  const fields: string[] = [];
  const pieces: string[] = [];
  let at = 0;
  for (let found = match(fieldBegin, text, at); found !== undefined; found = match(fieldBegin, text, at)) {
    const value = match(scalar, text, at + found[0].length);
    if (value === undefined) return undefined;
    fields.push(found[1]!);
    pieces.push(found[0]);
    at += found[0].length + value[0].length;
  }
  const end = match(objectEnd, text, at);
  const isEach = fields.length === Object.keys(parsed).length && new Set(fields).size === fields.length;
  if (end === undefined || !isEach || fields.length === 0 || fields.length > fieldsMax || fields.includes('__proto__')) return undefined;
  return compile(fields, [...pieces, end[0]]);
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function compile(fields: readonly string[], pieces: readonly string[]): JsonTemplate {
  // Field names come as string literals and as numbers, so no name can be more than a name.
  const steps = pieces.map((piece, i) => {
    const pass = `if (at + ${piece.length} > bytes.length${comparisons(piece)}) return unread;\nat += ${piece.length};`;
    if (i === fields.length) return `${pass}\nscalars.at = at;`;
    return `${pass}\nscalars.at = at;\nconst value${i} = scalars.next();\nif (value${i} === unread) return unread;\nat = scalars.at;`;
  });
  const object = fields.map((field, i) => `${JSON.stringify(field)}: value${i}`).join(', ');
  const make = new Function(
    'unread',
    `return (scalars) => {
      const { bytes, view } = scalars;
      let at = scalars.at;
      ${steps.join('\n')}
      return { ${object} };
    };`,
  ) as (mark: typeof unread) => JsonTemplate['read'];
  return { read: make(unread) };
}

/** Whether the bytes at `at` are others than the piece's: four at a time. */
function comparisons(piece: string): string {
  const bytes = Buffer.from(piece, 'latin1');
  let code = '';
  let i = 0;
  for (; i + 4 <= bytes.length; i += 4) code += ` || view.getInt32(at + ${i}, true) !== ${bytes.readInt32LE(i)}`;
  for (; i < bytes.length; i++) code += ` || bytes[at + ${i}] !== ${bytes[i]}`;
  return code;
}
