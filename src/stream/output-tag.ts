import { WeirError } from '../base/errors.ts';
import type { Immutable } from './state.ts';

/** Names a side output of a process function, and says what goes there. `type` is never set: it carries the type. */
export interface OutputTag<T> {
  readonly kind: 'outputTag';
  readonly id: string;
  readonly type?: T;
}

/**
 * A tag for records that are not a function's main result: `const late = outputTag<Flight>('late')`. The function emits
 * by `context.output(late, flight)`, and `stream.getSideOutput(late)` is the stream of them. Tags of the same id are the same.
 */
export function outputTag<T>(id: string): OutputTag<T> {
  if (typeof id === 'string' && id !== '') return Object.freeze({ kind: 'outputTag', id });
  throw new WeirError({
    code: 'OUTPUT_TAG_INVALID',
    domain: 'program',
    message: `An output tag needs an id, a string that is not empty; found ${JSON.stringify(id) ?? 'none'}.`,
    advice: "Say what goes there, such as outputTag<Flight>('late').",
  });
}

/** What a process function's context has for its side outputs. */
export interface SideOutputs {
  /** Emits to a side output, with the timestamp of the element (or timer) at hand. Where nobody reads it, it is dropped. */
  output<T>(tag: OutputTag<T>, value: NoInfer<T> | Immutable<NoInfer<T>>): void;
}
