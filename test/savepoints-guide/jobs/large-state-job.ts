import { defineJob, valueState } from 'weir-streams';
import { z } from 'zod';
import { StatefulSource } from '../../../examples/savepoint-guide/job.ts';

/** Keeps `bytes` for each of `keys` keys, which don't compress. */
export default defineJob({
  name: 'large-state',
  args: z.object({ keys: z.coerce.number().int(), bytes: z.coerce.number().int(), rate: z.coerce.number().default(20_000) }),
  build(env, { keys, bytes, rate }) {
    env
      .addSource(new StatefulSource(undefined, rate))
      .uid('source-id')
      .keyBy((number) => number % keys)
      .process({
        state: { kept: valueState<string>() },
        onElement(number, { state }) {
          if (state.kept.value() === undefined) state.kept.update(noise(number, bytes));
        },
      })
      .uid('kept-id');
  },
});

/** Letters in an order that only the seed knows. */
function noise(seed: number, length: number): string {
  let word = seed + 1;
  const codes = Array.from({ length }, () => {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
    return 33 + ((word >>> 16) % 90);
  });
  return String.fromCharCode(...codes);
}
