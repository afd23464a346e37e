import { defineJob } from 'weir-streams';
import { files } from 'weir-streams/connectors/files';
import { z } from 'zod';
import { bidSource } from './bid-source.ts';
import { countBids } from './count-bids.ts';

export default defineJob({
  name: 'bench-generator',
  args: z.object({ count: z.coerce.number(), output: z.string() }),
  build(env, { count, output }) {
    countBids(env.fromSource(bidSource(count)).uid('bids'), files.ndjson(output));
  },
});
