// Fails at a flight of Honolulu: the author's own fault, in the author's own line.
import { defineJob } from 'weir-streams';
import { files } from 'weir-streams/connectors/files';
import { z } from 'zod';

const Flight = z.object({ origin: z.string(), delay: z.number() });

function checked(origin: string): string {
  if (origin === 'HNL') throw new Error('no flights from islands');
  return origin;
}

export default defineJob({
  name: 'strict',
  args: z.object({ input: z.string(), output: z.string() }),
  build(env, { input, output }) {
    env
      .fromSource(files.records(input, Flight))
      .uid('flights')
      .map(({ origin }) => ({ origin: checked(origin) }))
      .uid('check')
      .sinkTo(files.ndjson(output))
      .uid('result');
  },
});
