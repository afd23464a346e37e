import { limits } from '../base/limits.ts';
import { TaskError } from './task-error.ts';

/** Plain JSON, as payloads are. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [field: string]: Json | undefined };
export type JsonObject = { readonly [field: string]: Json | undefined };

export const isJsonObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A copy of what crosses a border of a workflow, as the service makes one: through JSON, and of at most
 * `limits.workflowPayloadBytesMax`. Throws the error that the service would raise, which nothing can catch or retry.
 */
export function crossing(value: unknown, subject: string): Json {
  const text = JSON.stringify(value ?? null);
  const bytes = Buffer.byteLength(text);
  if (bytes > limits.workflowPayloadBytesMax) {
    throw new TaskError(
      'States.DataLimitExceeded',
      `${subject} has ${bytes} bytes, more than the ${limits.workflowPayloadBytesMax} bytes that a state may take or give.`,
      'terminal',
    );
  }
  return JSON.parse(text) as Json;
}
