import { defineJob, valueState } from 'weir-streams';
import { files } from 'weir-streams/connectors/files';
import { z } from 'zod';

/** Says something at every turn. */
export default defineJob({
  name: 'talking',
  args: z.object({ input: z.string() }),
  build(env, { input }) {
    env
      .fromSource(files.lines(input))
      .uid('lines')
      .map((line) => {
        console.log('read', { line });
        return line;
      })
      .uid('reading')
      .keyBy((line) => line)
      .process({
        state: { seen: valueState<boolean>() },
        onElement(line, { state }) {
          console.warn(`${line}\nseen: ${state.seen.value() ?? false}`);
          state.seen.update(true);
        },
      })
      .uid('seeing')
      .print();
    env.fromSource(files.lines(input)).uid('again').print('out');
  },
});
