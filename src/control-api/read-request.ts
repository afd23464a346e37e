/** Pure: what a request's body and parameters say, or why they are refused. */
import type * as z from 'zod';
import { limits } from '../base/limits.ts';
import { badRequest, requestTooLarge } from './bad-request.ts';

/** An empty body is `{}`, since some clients send none. Throws REQUEST_TOO_LARGE, BAD_REQUEST. */
export function parseBody(body: string): unknown {
  const bytes = Buffer.byteLength(body);
  if (bytes > limits.requestBytesMax) throw requestTooLarge(bytes);
  if (body.trim() === '') return {};
  if (depthOf(body) > limits.requestDepthMax) {
    throw badRequest(`The request's body is nested more than ${limits.requestDepthMax} deep.`);
  }
  try {
    return JSON.parse(body);
  } catch {
    // What the parser says cites the body, which stays out of replies and logs.
    throw badRequest("The request's body is no JSON: expected an object such as {}.");
  }
}

/** How deep brackets are nested, without parsing: what is deep enough overflows the stack of whoever walks it. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (quoted) {
      if (code === backslash) index++;
      else if (code === quote) quoted = false;
    } else if (code === quote) quoted = true;
    else if (code === openBrace || code === openBracket) deepest = Math.max(deepest, ++depth);
    else if (code === closeBrace || code === closeBracket) depth--;
  }
  return deepest;
}

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = [...'"\\{}[]'].map((each) => each.charCodeAt(0));

/** Throws BAD_REQUEST, which names each field that is not as expected; at most some of them. */
export function readAs(schema: z.ZodType, value: unknown, subject: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { issues } = result.error;
  const said = issues
    .slice(0, issuesMax)
    .map(({ path, message }) => `${path.length === 0 ? 'it' : JSON.stringify(path.join('.').slice(0, 80))}: ${message.slice(0, 200)}`);
  const more = issues.length > issuesMax ? `; and ${issues.length - issuesMax} more` : '';
  throw badRequest(`${subject} is not as expected: ${said.join('; ')}${more}.`);
}

const issuesMax = 10;
