import { type Collector, defineJob, mapState, valueState } from 'weir-streams';
import { files } from 'weir-streams/connectors/files';
import { z } from 'zod';

/** `2001/01/01 00:47`, taken as UTC: milliseconds since the epoch. */
const minute = z
  .string()
  .transform((date) => Date.parse(`${date} UTC`))
  .pipe(z.int());

const Flight = z.object({ date: minute, origin: z.string() });

/** Departures of an airport with no long gap between them. */
interface Session {
  readonly from: number;
  readonly to: number;
  readonly flights: number;
}

export interface AirportSession {
  readonly airport: string;
  /** Of the first departure and of the last. */
  readonly from: string;
  readonly to: string;
  readonly flights: number;
}

export default defineJob({
  name: 'airport-sessions',
  args: z.object({
    input: z.string().describe('Flights: a file or directory, local or in S3'),
    output: z.string().describe('Directory for the sessions, local or in S3'),
    gapHours: z.coerce.number().positive().default(6).describe('Hours without a departure after which a session is over'),
    disorderMinutes: z.coerce.number().nonnegative().default(0).describe('How far behind the latest flight a flight may come'),
  }),
  build(env, { input, output, gapHours, disorderMinutes }) {
    const gapMs = gapHours * 3_600_000;
    env
      .fromSource(files.records(input, Flight), {
        timestamp: (flight) => flight.date,
        maxOutOfOrdernessMs: disorderMinutes * 60_000,
      })
      .uid('flights')
      .keyBy('origin')
      .process({
        state: { departures: mapState<number, number>(), session: valueState<Session>() },
        /** Only counts: flights come in some order, and timers fire in the order of time. */
        onElement({ date }, { state, timers }) {
          const isLate = date <= (timers.currentWatermark ?? Number.NEGATIVE_INFINITY);
          if (isLate) return;
          state.departures.put(date, (state.departures.get(date) ?? 0) + 1);
          timers.registerEventTimeTimer(date);
        },
        onTimer(time, { key, state, timers }, out: Collector<AirportSession>) {
          const session = state.session.value();
          const departures = state.departures.get(time);
          if (departures !== undefined) {
            state.departures.delete(time);
            state.session.update({ from: session?.from ?? time, to: time, flights: (session?.flights ?? 0) + departures });
            timers.registerEventTimeTimer(time + gapMs);
          } else if (session !== undefined && time === session.to + gapMs) {
            const [from, to] = [session.from, session.to].map((each) => new Date(each).toISOString()) as [string, string];
            out.collect({ airport: key, from, to, flights: session.flights });
            state.session.clear();
          }
        },
      })
      .uid('sessions')
      .sinkTo(files.ndjson(output))
      .uid('result');
  },
});
