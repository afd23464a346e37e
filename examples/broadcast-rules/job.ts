import { type Collector, defineJob, listState, mapState } from 'weir-streams';
import { files } from 'weir-streams/connectors/files';
import { z } from 'zod';

/** `2001/01/01 00:47`, taken as UTC: milliseconds since the epoch. */
const minute = z
  .string()
  .transform((date) => Date.parse(`${date} UTC`))
  .pipe(z.int());

const Flight = z.object({ date: minute, origin: z.string(), destination: z.string(), delay: z.int() });
type Flight = z.infer<typeof Flight>;

/** What to look for, from a time on: it replaces the rule of the same name, and without `minDelay` ends it. */
const Rule = z.object({ from: minute, rule: z.string(), origin: z.string().optional(), minDelay: z.int().optional() });
type Rule = z.infer<typeof Rule>;

export interface Alert {
  readonly rule: string;
  readonly date: string;
  readonly origin: string;
  readonly destination: string;
  readonly delay: number;
}

const matches = ({ origin, minDelay }: Rule, flight: Flight): boolean =>
  minDelay !== undefined && flight.delay >= minDelay && (origin === undefined || origin === flight.origin);

export default defineJob({
  name: 'broadcast-rules',
  args: z.object({
    input: z.string().describe('Flights: a file or directory, local or in S3'),
    rules: z.string().describe('Rules: a file or directory, local or in S3'),
    output: z.string().describe('Directory for the alerts, local or in S3'),
  }),
  build(env, { input, rules, output }) {
    const ruleStream = env.fromSource(files.records(rules, Rule), { timestamp: (rule) => rule.from }).uid('rules');
    env
      .fromSource(files.records(input, Flight), { timestamp: (flight) => flight.date })
      .uid('flights')
      .keyBy('origin')
      .connect(ruleStream.broadcast())
      .process({
        state: { waiting: listState<Flight>() },
        broadcastState: { rules: mapState<string, readonly Rule[]>() },
        /** Every subtask gets every rule, and keeps all versions: flights of an earlier time may still be waiting. */
        onBroadcast(rule, { broadcastState }) {
          const versions = broadcastState.rules.get(rule.rule) ?? [];
          broadcastState.rules.put(
            rule.rule,
            [...versions, rule].sort((a, b) => a.from - b.from),
          );
        },
        /** A flight waits until the watermark has passed it: that of both streams, so all rules up to then are known. */
        onElement(flight, { state, timers }) {
          state.waiting.add(flight);
          timers.registerEventTimeTimer(flight.date);
        },
        onTimer(time, { state, broadcastState }, out: Collector<Alert>) {
          const waiting = state.waiting.get();
          for (const flight of waiting.filter(({ date }) => date <= time)) {
            for (const [name, versions] of broadcastState.rules) {
              const rule = versions.findLast(({ from }) => from <= flight.date);
              if (rule === undefined || !matches(rule, flight)) continue;
              const { origin, destination, delay } = flight;
              out.collect({ rule: name, date: new Date(flight.date).toISOString(), origin, destination, delay });
            }
          }
          state.waiting.update(waiting.filter(({ date }) => date > time));
        },
      })
      .uid('alerts')
      .sinkTo(files.ndjson(output))
      .uid('result');
  },
});
