// The first example, files and all, as its author would test it.
import { describe, expect, it } from 'vitest';
import flightDelays, { type AirportDelays } from '../../examples/flight-delays/job.ts';
import { randomFaults, simulateJob } from '../../src/testing/index.ts';

const airports = ['SFO', 'LAX', 'JFK', 'ORD'];
const flights = Array.from({ length: 300 }, (_, index) => ({
  date: `2001/01/${String(1 + ((index * 7) % 28)).padStart(2, '0')} 00:47`,
  origin: airports[(index * 3 + (index >> 3)) % airports.length]!,
  delay: ((index * 37) % 61) - 10,
}));
const input = 's3://data/flights.ndjson';
const output = 's3://data/out';
const args = { input, output, rate: 100 };
const files = { [input]: flights.map((flight) => `${JSON.stringify(flight)}\n`).join('') };

function expected(): readonly AirportDelays[] {
  return airports.toSorted().map((airport) => {
    const delays = flights.filter(({ origin }) => origin === airport).map(({ delay }) => delay);
    return {
      airport,
      flights: delays.length,
      meanDelay: Math.round((delays.reduce((sum, delay) => sum + delay, 0) * 100) / delays.length) / 100,
      worstDelay: Math.max(...delays),
      delayedShare: Math.round((delays.filter((delay) => delay > 15).length * 10_000) / delays.length) / 10_000,
    };
  });
}

function resultsIn(visible: { readonly [uri: string]: string }): readonly AirportDelays[] {
  const lines = Object.values(visible).flatMap((text) => text.trimEnd().split('\n'));
  return lines.map((line) => JSON.parse(line) as AirportDelays).toSorted((a, b) => (a.airport < b.airport ? -1 : 1));
}

describe('flight-delays in a simulation', () => {
  it.each([1, 2, 3, 7])('gives one line per airport at parallelism %i', async (parallelism) => {
    const result = await simulateJob(flightDelays, { args, files, parallelism, compareWithReference: true });
    expect(result.status).toBe('FINISHED');
    expect(resultsIn(result.files(`${output}/`))).toEqual(expected());
  });

  it.each(Array.from({ length: 12 }, (_, index) => index + 1))('gives the same lines whatever goes wrong under seed %i', async (seed) => {
    const faults = randomFaults({ seed, probability: 0.03, untilCall: 500 });
    const result = await simulateJob(flightDelays, {
      args,
      files,
      parallelism: 2,
      seed,
      faults,
      environmentsPerFunction: 2,
      compareWithReference: true,
    });
    expect(result.status).toBe('FINISHED');
    expect(resultsIn(result.files(`${output}/`))).toEqual(expected());
  });
});
