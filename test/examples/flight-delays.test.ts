/** The example by the reference interpreter, on every format, against the plain loop beside it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { differences, expectedLines } from '../../examples/flight-delays/check.ts';
import { convert } from '../../examples/flight-delays/convert.ts';
import job from '../../examples/flight-delays/job.ts';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { fileObjectStore } from '../../src/cloud/file/file-object-store.ts';
import { buildJob } from '../../src/stream/build-job.ts';
import { runReference } from '../../src/testing/reference.ts';

const data = fileURLToPath(new URL('../../node_modules/vega-datasets/data', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'weir-flight-delays-'));
const context = { objects: fileObjectStore({ random: systemRandom }), clock: systemClock };

afterAll(() => rmSync(directory, { recursive: true }));

async function linesFor(input: string, parallelism = 1): Promise<readonly string[]> {
  const { sinks } = await runReference(buildJob(job, { input, output: directory }, { parallelism }), context);
  return sinks
    .get('result')!
    .map((result) => JSON.stringify(result))
    .sort();
}

describe('flight delays', () => {
  it.each(['flights-2k.json', 'flights-5k.json', 'flights-20k.json'])('of %s are those of a plain loop', async (name) => {
    const lines = await linesFor(join(data, name));
    expect(lines.length).toBeGreaterThan(100);
    expect(lines).toEqual(expectedLines(join(data, name)));
  });

  it.each(['ndjson', 'csv', 'json'])('are the same from %s, with the fields in another order', async (extension) => {
    const converted = join(directory, `flights.${extension}`);
    convert(join(data, 'flights-20k.json'), converted, 'reversed');
    const expected = expectedLines(join(data, 'flights-20k.json'));
    expect(expectedLines(converted)).toEqual(expected);
    for (const parallelism of [1, 7]) expect(await linesFor(converted, parallelism)).toEqual(expected);
  });

  it('of a flight on an impossible date are nobody’s guess', async () => {
    const input = join(directory, 'impossible.ndjson');
    writeFileSync(input, '{"date":"2001/13/01 00:00","origin":"DTW","delay":1}\n');
    await expect(linesFor(input)).rejects.toMatchObject({ code: 'MALFORMED_RECORD', domain: 'program' });
  });
});

describe('the check', () => {
  it('sees what is missing, wrong or doubled in the output, and nothing in a right one', () => {
    const input = join(data, 'flights-2k.json');
    const [first, second, ...rest] = expectedLines(input);
    const write = (name: string, ...parts: readonly (readonly string[])[]) => {
      const output = join(directory, name);
      mkdirSync(join(output, '.weir-staging'), { recursive: true });
      writeFileSync(join(output, '.weir-staging', 'part-left-over.ndjson'), `${first}\n`);
      parts.forEach((lines, index) => writeFileSync(join(output, `part-${index}.ndjson`), lines.map((line) => `${line}\n`).join('')));
      return output;
    };
    expect(differences(input, write('right', [second!, first!], rest))).toEqual([]);
    expect(differences(input, write('missing', [second!], rest))).toEqual([`- ${first}`]);
    expect(differences(input, write('doubled', [first!, second!, first!], rest))).toEqual([`+ ${first}`]);
    expect(differences(input, write('wrong', [first!, '{}'], rest))).toEqual(['+ {}', `- ${second}`]);
  });
});
