// Of what is delivered several times one copy comes through, for as long as it is remembered.
import { describe, expect, it } from 'vitest';
import job from '../../examples/deduplicate/job.ts';
import { ndjson, outputOf, type RealFlight, realFlights } from './real-flights.ts';

const args = { input: ['s3://bucket/a.ndjson', 's3://bucket/b.ndjson', 's3://bucket/c.ndjson'] };

const plainDistinct = (...deliveries: readonly (readonly RealFlight[])[]): readonly string[] =>
  [...new Set(deliveries.flat().map((flight) => JSON.stringify(flight)))].sort();

describe('deduplication', () => {
  it('lets each of real flights through once, however many deliveries have it', async () => {
    const [a, b] = [realFlights('5k'), realFlights('2k')];
    const c = [...a].reverse();
    const expected = plainDistinct(a, b, c);
    expect(expected).toHaveLength(5_000);
    const files = { 'a.ndjson': ndjson(a), 'b.ndjson': ndjson(b), 'c.ndjson': ndjson(c) };
    for (const parallelism of [1, 2, 3]) {
      expect(await outputOf(job, { args, files, parallelism, faulty: parallelism > 1, compareWithReference: false })).toEqual(expected);
    }
  });

  it('lets a copy through that comes when the first is forgotten', async () => {
    const flights = realFlights('2k').slice(0, 40);
    const files = { 'twice.ndjson': ndjson([...flights, ...flights]) };
    const countWith = async (rememberMinutes: string) => {
      const run = { input: 's3://bucket/twice.ndjson', rate: '1', rememberMinutes };
      return (await outputOf(job, { args: run, files, parallelism: 1, compareWithReference: false })).length;
    };
    expect(await countWith('0.5')).toBe(80);
    expect(await countWith('10')).toBe(40);
  });
});
