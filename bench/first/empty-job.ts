import { defineJob, type Source } from 'weir-streams';
import { files } from 'weir-streams/connectors/files';
import { z } from 'zod';
import type { Bid } from './bids.ts';
import { countBids } from './count-bids.ts';

/** A source of epochs without a record: it has something to read, reads it, and nothing comes of it. */
const nothing = (epochs: number): Source<Bid, number, number> => ({
  kind: 'source',
  name: 'nothing',
  boundedness: 'bounded',
  enumerate: async () => ({ state: null, assignments: [{ subtask: 0, splitId: '0', split: 0 }], done: true }),
  startOf: () => 0,
  createReader: () => ({
    read: async (_split, position, { bytes }) => ({
      records: [],
      position: position + 1,
      bytes,
      skipped: 0,
      endOfSplit: position + 1 >= epochs,
      backlog: position + 1 < epochs,
      describe: () => '',
    }),
  }),
});

export default defineJob({
  name: 'bench-empty',
  args: z.object({ epochs: z.coerce.number(), output: z.string() }),
  build(env, { epochs, output }) {
    countBids(env.fromSource(nothing(epochs)).uid('bids'), files.ndjson(output));
  },
});
