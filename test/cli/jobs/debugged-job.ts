import { defineJob } from 'weir-streams';
import { files } from 'weir-streams/connectors/files';
import { z } from 'zod';

/** Does nothing for a while at every line, as a debugger makes it do. */
export default defineJob({
  name: 'debugged',
  args: z.object({ input: z.string(), block: z.coerce.number().default(0) }),
  build(env, { input, block }) {
    env
      .fromSource(files.lines(input))
      .uid('lines')
      .map((line) => {
        const until = Date.now() + block;
        while (Date.now() < until);
        const shouted = line.toUpperCase(); // Here is the breakpoint.
        return shouted;
      })
      .uid('shouting')
      .print();
  },
});
