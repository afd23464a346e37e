// Sessions are those of event time: neither the order nor the place where flights are read makes a difference.
import { describe, expect, it } from 'vitest';
import job from '../../examples/airport-sessions/job.ts';
import { isoMinute, ndjson, outputOf, type RealFlight, realFlights } from './real-flights.ts';

const minutesOf = (date: string): number => Date.parse(isoMinute(date)) / 60_000;

/** Airport by airport, over its sorted dates. */
function plainSessions(flights: readonly RealFlight[], gapHours: number): readonly string[] {
  const lines: string[] = [];
  for (const airport of new Set(flights.map(({ origin }) => origin))) {
    const dates = flights.filter(({ origin }) => origin === airport).map(({ date }) => date);
    let session: string[] = [];
    for (const date of [...dates.sort(), undefined]) {
      const last = session.at(-1);
      if (last !== undefined && (date === undefined || minutesOf(date) - minutesOf(last) > gapHours * 60)) {
        lines.push(JSON.stringify({ airport, from: isoMinute(session[0]!), to: isoMinute(last), flights: session.length }));
        session = [];
      }
      if (date !== undefined) session.push(date);
    }
  }
  return lines.sort();
}

/** The same flights in an order in which each may be behind others by less than so many minutes, the same at every call. */
function disordered(flights: readonly RealFlight[], minutes: number): readonly RealFlight[] {
  const jitter = (index: number) => ((Math.imul(index, 2_654_435_761) >>> 0) % 1_000) / 1_000;
  return flights
    .map((flight, index) => ({ flight, at: minutesOf(flight.date) + jitter(index) * minutes }))
    .sort((a, b) => a.at - b.at)
    .map(({ flight }) => flight);
}

const args = { input: 's3://bucket/flights.ndjson' };

describe('airport sessions', () => {
  it('of real flights are those of a loop over sorted dates', async () => {
    const flights = realFlights('20k');
    const expected = plainSessions(flights, 6);
    expect(expected.length).toBeGreaterThan(8_000);
    expect(expected.some((line) => JSON.parse(line).flights > 20)).toBe(true);
    const run = { args, files: { 'flights.ndjson': ndjson(flights) }, parallelism: 2, compareWithReference: false };
    expect(await outputOf(job, run)).toEqual(expected);
  });

  it('are the same at any parallelism, in disorder within the bound, and whatever goes wrong', async () => {
    const flights = realFlights('5k');
    const shuffled = disordered(flights, 120);
    expect(shuffled).not.toEqual(flights);
    const files = { 'flights.ndjson': ndjson(shuffled) };
    for (const parallelism of [1, 2, 3]) {
      const run = { args: { ...args, gapHours: '12', disorderMinutes: '120' }, files, parallelism, faulty: parallelism > 1 };
      expect(await outputOf(job, run)).toEqual(plainSessions(flights, 12));
    }
  });

  it('go on over a gap of exactly the hours given, and end after one minute more', async () => {
    const files = (second: string) => ({
      'flights.ndjson': ndjson([
        { date: '2001/01/01 08:00', origin: 'SEA' },
        { date: second, origin: 'SEA' },
      ]),
    });
    expect(await outputOf(job, { args, files: files('2001/01/01 14:00'), parallelism: 1 })).toHaveLength(1);
    expect(await outputOf(job, { args, files: files('2001/01/01 14:01'), parallelism: 1 })).toHaveLength(2);
  });

  it('leave out a flight that comes later than the bound allows', async () => {
    const text = ndjson([
      { date: '2001/01/01 08:00', origin: 'SEA' },
      { date: '2001/01/01 12:00', origin: 'SEA' },
      { date: '2001/01/01 11:00', origin: 'SEA' },
    ]);
    const run = { files: { 'flights.ndjson': text }, parallelism: 1 };
    const flightsIn = async (disorderMinutes: string) => {
      const [line] = await outputOf(job, { ...run, args: { ...args, disorderMinutes } });
      return JSON.parse(line!).flights;
    };
    expect(await flightsIn('60')).toBe(3);
    expect(await flightsIn('59')).toBe(2);
  });
});
