/** The flights that the examples run on, and the simulation that the tests run them in. Shares no code with Weir's API. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { JobDefinition } from '../../src/stream/define-job.ts';
import { randomFaults, simulateJob } from '../../src/testing/index.ts';

export interface RealFlight {
  /** `2001/01/01 00:47`. */
  readonly date: string;
  readonly delay: number;
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

/** In the order of their dates. */
export function realFlights(count: '2k' | '5k' | '20k'): readonly RealFlight[] {
  const path = fileURLToPath(new URL(`../../node_modules/vega-datasets/data/flights-${count}.json`, import.meta.url));
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** `2001/01/01 00:47` as `2001-01-01T00:47:00.000Z`. */
export const isoMinute = (date: string): string => `${date.replaceAll('/', '-').replace(' ', 'T')}:00.000Z`;

export const ndjson = (records: readonly object[]): string => records.map((record) => `${JSON.stringify(record)}\n`).join('');

export interface Run {
  readonly args: { readonly [name: string]: string | readonly string[] };
  /** By name below `s3://bucket/`. */
  readonly files: { readonly [name: string]: string };
  readonly parallelism: number;
  readonly faulty?: boolean;
  /** Compares the state of every checkpoint too: of many records it takes long. Default true. */
  readonly compareWithReference?: boolean;
}

/** Runs a job to its end, and gives the lines that it wrote to `s3://bucket/out`, sorted. */
export async function outputOf<Args>(job: JobDefinition<Args>, run: Run): Promise<readonly string[]> {
  const { parallelism } = run;
  const result = await simulateJob(job, {
    args: { ...run.args, output: 's3://bucket/out' },
    files: Object.fromEntries(Object.entries(run.files).map(([name, text]) => [`s3://bucket/${name}`, text])),
    parallelism,
    seed: parallelism,
    compareWithReference: run.compareWithReference ?? true,
    ...(run.faulty ? { faults: randomFaults({ seed: parallelism, probability: 0.03, untilCall: 400 }) } : {}),
  });
  if (result.status !== 'FINISHED') throw new Error(`The job is ${result.status}: ${JSON.stringify(result.cause)}`);
  return Object.values(result.files('s3://bucket/out'))
    .flatMap((text) => text.split('\n').filter((line) => line !== ''))
    .sort();
}
