import { type Collector, defineJob, globalWindow } from 'weir-streams';
import { files } from 'weir-streams/connectors/files';
import { z } from 'zod';

export interface WordCount {
  readonly word: string;
  readonly count: number;
}

/** How often each word stands in a text. The default export says what the job is; nothing in this file runs it. */
export default defineJob({
  name: 'my-job',
  args: z.object({
    input: z.string().describe('Text: a file or a directory, local or in S3'),
    output: z.string().describe('Directory for the counts, local or in S3'),
  }),
  build(env, { input, output }) {
    env
      .fromSource(files.lines(input))
      .uid('lines')
      .flatMap((line, out: Collector<WordCount>) => {
        for (const [word] of line.toLowerCase().matchAll(/\p{L}+/gu)) out.collect({ word, count: 1 });
      })
      .keyBy('word')
      .window(globalWindow())
      .sum('count')
      .uid('counts')
      .sinkTo(files.ndjson(output))
      .uid('result');
  },
});
