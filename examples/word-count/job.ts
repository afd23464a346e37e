import { type Collector, defineJob, maxWatermark, valueState } from 'weir-streams';
import { files } from 'weir-streams/connectors/files';
import { z } from 'zod';

export interface WordCount {
  readonly word: string;
  readonly count: number;
}

export default defineJob({
  name: 'word-count',
  args: z.object({
    input: z.string().describe('Text: a file or a directory, local or in S3'),
    output: z.string().describe('Directory for the counts, local or in S3'),
  }),
  build(env, { input, output }) {
    env
      .fromSource(files.lines(input))
      .uid('lines')
      .flatMap((line, out: Collector<string>) => {
        for (const [word] of line.matchAll(/\p{L}+/gu)) out.collect(word.toLowerCase());
      })
      .keyBy((word) => word)
      .process({
        state: { count: valueState<number>() },
        onElement(_word, { state, timers }) {
          state.count.update((state.count.value() ?? 0) + 1);
          timers.registerEventTimeTimer(maxWatermark);
        },
        /** The text has ended. */
        onTimer(_time, { key, state }, out: Collector<WordCount>) {
          out.collect({ word: key, count: state.count.value() ?? 0 });
        },
      })
      .uid('counts')
      .sinkTo(files.ndjson(output))
      .uid('result');
  },
});
