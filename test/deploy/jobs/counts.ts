import { defineJob, type JobDefinition, valueState } from 'weir-streams';
import { files } from 'weir-streams/connectors/files';
import * as z from 'zod';

const Flight = z.object({ origin: z.string() });

export interface Count {
  readonly airport: string;
  /** From 1: the how many-th flight from there this is. */
  readonly nth: number;
}

export interface Version {
  /** Of the operator with the state: another uid is another operator. */
  readonly uid?: string;
  /** An operator more, which changes nothing. */
  readonly longer?: boolean;
  /** Fails before its first record, so that not even an empty checkpoint of it completes. */
  readonly broken?: boolean;
}

/** Numbers the flights of each airport: every record shows whether state was lost, or a record counted twice. */
export const countsJob = ({ uid = 'counts', longer = false, broken = false }: Version): JobDefinition =>
  defineJob({
    name: 'counts',
    args: z.object({ input: z.string(), output: z.string(), rate: z.coerce.number().positive().optional() }),
    build(env, { input, output, rate }) {
      const flights = env.fromSource(files.records(input, Flight, { recordsPerSecond: rate })).uid('flights');
      const kept = longer ? flights.filter(({ origin }) => origin !== '').uid('known') : flights;
      kept
        .keyBy('origin')
        .process({
          state: { count: valueState<number>() },
          open() {
            if (broken) throw new Error('This version never works.');
          },
          onElement({ origin }, { state }, out: { collect(count: Count): void }) {
            const nth = (state.count.value() ?? 0) + 1;
            state.count.update(nth);
            out.collect({ airport: origin, nth });
          },
        })
        .uid(uid)
        .sinkTo(files.ndjson(output))
        .uid('result');
    },
  });
