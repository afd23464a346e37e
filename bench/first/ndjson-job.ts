import { defineJob } from 'weir-streams';
import { files } from 'weir-streams/connectors/files';
import { z } from 'zod';
import { countBids } from './count-bids.ts';

const Bid = z.object({ auction: z.number(), bidder: z.number(), price: z.number(), dateTime: z.number() });

export default defineJob({
  name: 'bench-ndjson',
  args: z.object({ input: z.string(), output: z.string() }),
  build(env, { input, output }) {
    countBids(env.fromSource(files.records(input, Bid)).uid('bids'), files.ndjson(output));
  },
});
