import { type Collector, defineJob, maxWatermark, valueState } from 'weir-streams';
import { files } from 'weir-streams/connectors/files';
import { z } from 'zod';

/** A delay of more minutes than this counts as a delay. */
const toleratedMinutes = 15;

/** In JSON a number, in CSV its digits. */
const wholeNumber = z.union([
  z.int(),
  z
    .string()
    .regex(/^[+-]?\d+$/)
    .transform(Number),
]);

/** `2001/01/01 00:47`, taken as UTC: milliseconds since the epoch. */
const minuteOfDay = z
  .string()
  .regex(/^\d{4}\/\d\d\/\d\d \d\d:\d\d$/)
  .transform((date) => Date.parse(`${date.replaceAll('/', '-').replace(' ', 'T')}Z`))
  .pipe(z.int());

const Flight = z.object({ date: minuteOfDay, origin: z.string().min(1), delay: wholeNumber });

/** Whole numbers only, so that the order in which flights come makes no difference; divided once, at the end. */
interface Total {
  readonly flights: number;
  readonly delaySum: number;
  readonly worstDelay: number;
  readonly delayed: number;
}

export interface AirportDelays {
  readonly airport: string;
  readonly flights: number;
  /** Minutes, rounded to hundredths; early departures count as negative delays. */
  readonly meanDelay: number;
  /** Minutes. */
  readonly worstDelay: number;
  /** Of the flights, those more than 15 minutes late; rounded to four decimals. */
  readonly delayedShare: number;
}

const rounded = (numerator: number, denominator: number, steps: number) => Math.round((numerator * steps) / denominator) / steps;

export default defineJob({
  name: 'flight-delays',
  args: z.object({
    input: z.string().describe('Flights as JSON array, NDJSON or CSV: a file or directory, local or in S3'),
    output: z.string().describe('Directory for the results, local or in S3'),
    rate: z.coerce.number().positive().optional().describe('Flights read per second'),
  }),
  build(env, { input, output, rate }) {
    env
      .fromSource(files.records(input, Flight, { recordsPerSecond: rate }), { timestamp: (flight) => flight.date })
      .uid('flights')
      .keyBy('origin')
      .process({
        state: { total: valueState<Total>() },
        onElement({ delay }, { state, timers }) {
          const total = state.total.value();
          if (total === undefined) timers.registerEventTimeTimer(maxWatermark);
          state.total.update({
            flights: (total?.flights ?? 0) + 1,
            delaySum: (total?.delaySum ?? 0) + delay,
            worstDelay: Math.max(total?.worstDelay ?? delay, delay),
            delayed: (total?.delayed ?? 0) + (delay > toleratedMinutes ? 1 : 0),
          });
        },
        /** Event time has ended: no flight will follow. */
        onTimer(_time, { key, state }, out: Collector<AirportDelays>) {
          const total = state.total.value();
          if (total === undefined) return;
          const { flights, delaySum, worstDelay, delayed } = total;
          out.collect({
            airport: key,
            flights,
            meanDelay: rounded(delaySum, flights, 100),
            worstDelay,
            delayedShare: rounded(delayed, flights, 10_000),
          });
          state.total.clear();
        },
      })
      .uid('delays')
      .sinkTo(files.ndjson(output))
      .uid('result');
  },
});
