import { defineJob, type PulledSource, valueState } from 'weir-streams';
import { z } from 'zod';

/** Counts up to `keys`, then waits for ever: a job with that much state, and nothing to do. */
class Keys implements PulledSource<number, number> {
  readonly start = 0;
  readonly boundedness = 'continuous';
  readonly #keys: number;

  constructor(keys: number) {
    this.#keys = keys;
  }

  pull(position: number, limit: number) {
    const next = Math.min(position + limit, this.#keys);
    return { records: Array.from({ length: next - position }, (_, index) => position + index), position: next, done: false };
  }
}

/** 50 bytes, about what a small record of state takes. */
const note = 'fifty bytes of state for each of the keys there are';

export default defineJob({
  name: 'keys',
  args: z.object({ keys: z.coerce.number().int().positive() }),
  build(env, { keys }) {
    env
      .addSource(new Keys(keys))
      .uid('keys')
      .keyBy((key) => key)
      .process({
        state: { seen: valueState<{ readonly key: number; readonly note: string }>() },
        onElement(key, { state }) {
          state.seen.update({ key, note });
        },
      })
      .uid('seen')
      .print()
      .uid('print');
  },
});
