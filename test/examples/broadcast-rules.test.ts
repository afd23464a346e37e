// Rules that change over time hold for exactly the flights of their time, wherever and whenever both are read.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import job from '../../examples/broadcast-rules/job.ts';
import { isoMinute, ndjson, outputOf, type RealFlight, realFlights } from './real-flights.ts';

interface PlainRule {
  readonly from: string;
  readonly rule: string;
  readonly origin?: string;
  readonly minDelay?: number;
}

const shippedRules = readFileSync(fileURLToPath(new URL('../../examples/broadcast-rules/rules.ndjson', import.meta.url)), 'utf8');
const parsed = (text: string): readonly PlainRule[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Rule by rule: from its time to that of the next of its name. Dates compare as text. */
function plainAlerts(flights: readonly RealFlight[], rules: readonly PlainRule[]): readonly string[] {
  const lines: string[] = [];
  for (const { rule, from, origin: of, minDelay } of rules) {
    const ends = rules.filter((other) => other.rule === rule && other.from > from).map((other) => other.from);
    const end = ends.sort()[0] ?? '9999';
    for (const { date, origin, destination, delay } of flights) {
      if (date < from || date >= end || minDelay === undefined || delay < minDelay || (of !== undefined && of !== origin)) continue;
      lines.push(JSON.stringify({ rule, date: isoMinute(date), origin, destination, delay }));
    }
  }
  return lines.sort();
}

const args = { input: 's3://bucket/flights.ndjson', rules: 's3://bucket/rules.ndjson' };

describe('broadcast rules', () => {
  it('find in real flights what a loop over rules and flights finds', async () => {
    const flights = realFlights('20k');
    const expected = plainAlerts(flights, parsed(shippedRules));
    expect(new Set(expected.map((line) => JSON.parse(line).rule))).toEqual(new Set(['very late', 'Chicago', 'Newark']));
    const files = { 'flights.ndjson': ndjson(flights), 'rules.ndjson': shippedRules };
    expect(await outputOf(job, { args, files, parallelism: 2, compareWithReference: false })).toEqual(expected);
  });

  it('hold from the minute on that they say, and for no flight twice, at any parallelism and whatever goes wrong', async () => {
    const flights = realFlights('2k');
    const [early, noon, late] = [flights[400]!.date, flights[1_000]!.date, flights[1_600]!.date];
    const rules = ndjson([
      { from: flights[0]!.date, rule: 'any', minDelay: 60 },
      { from: early, rule: 'atlanta', origin: 'ATL', minDelay: 0 },
      { from: noon, rule: 'any', minDelay: 10 },
      { from: noon, rule: 'atlanta' },
      { from: late, rule: 'atlanta', origin: 'ATL', minDelay: 5 },
    ]);
    const expected = plainAlerts(flights, parsed(rules));
    expect(expected.length).toBeGreaterThan(100);
    const files = { 'flights.ndjson': ndjson(flights), 'rules.ndjson': rules };
    for (const parallelism of [1, 2, 3]) {
      expect(await outputOf(job, { args, files, parallelism, faulty: parallelism > 1 })).toEqual(expected);
    }
  });
});
