import { type Collector, defineJob, mapState } from 'weir-streams';
import { files } from 'weir-streams/connectors/files';
import { z } from 'zod';

const Flight = z.object({ date: z.string(), delay: z.int(), distance: z.int(), origin: z.string(), destination: z.string() });
type Flight = z.infer<typeof Flight>;

export default defineJob({
  name: 'deduplicate',
  args: z.object({
    input: z.union([z.string(), z.array(z.string())]).describe('Flights: files or directories, local or in S3'),
    output: z.string().describe('Directory for the flights, each once, local or in S3'),
    rememberMinutes: z.coerce.number().positive().default(60).describe('How long after a flight its copies are known'),
    rate: z.coerce.number().positive().optional().describe('Flights read per second'),
  }),
  build(env, { input, output, rememberMinutes, rate }) {
    env
      .fromSource(files.records(input, Flight, { recordsPerSecond: rate }))
      .uid('flights')
      .keyBy('origin')
      .process({
        state: { seen: mapState<string, true>({ ttl: { ms: rememberMinutes * 60_000 } }) },
        onElement(flight, { state }, out: Collector<Flight>) {
          const { date, destination, delay, distance } = flight;
          const identity = `${date} ${destination} ${delay} ${distance}`;
          if (state.seen.has(identity)) return;
          state.seen.put(identity, true);
          out.collect(flight);
        },
      })
      .uid('first')
      .sinkTo(files.ndjson(output))
      .uid('result');
  },
});
