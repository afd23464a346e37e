// Catches: a result that depends on the format of the input, the order of its fields, or the parallelism.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { differences, foundLines } from '../../examples/flight-delays/check.ts';
import { convert } from '../../examples/flight-delays/convert.ts';
import { repository, WeirProcess } from './weir-process.ts';

const flights = (name: string) => join(repository, 'node_modules', 'vega-datasets', 'data', name);

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'weir-inputs-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function resultOf(input: string, parallelism: number): Promise<readonly string[]> {
  const output = mkdtempSync(join(directory, 'output-'));
  const run = new WeirProcess([
    'run',
    'examples/flight-delays/job.ts',
    '-p',
    String(parallelism),
    '--memory',
    '--',
    '--input',
    input,
    '--output',
    output,
  ]);
  const { code, output: printed } = await run.ended;
  expect(code, printed).toBe(0);
  expect(differences(input, output)).toEqual([]);
  return [...foundLines(output)].sort();
}

test('20,000 flights give the same result at parallelism 1, 2, 3 and 7', async () => {
  const input = flights('flights-20k.json');
  const straight = await resultOf(input, 1);
  for (const parallelism of [2, 3, 7]) expect(await resultOf(input, parallelism)).toEqual(straight);
});

test('another file gives the same result as JSON array, NDJSON and CSV, its fields in another order', async () => {
  const input = flights('flights-10k.json');
  const straight = await resultOf(input, 2);
  for (const extension of ['json', 'ndjson', 'csv']) {
    const converted = join(directory, `flights.${extension}`);
    convert(input, converted, 'reversed');
    expect(await resultOf(converted, 2)).toEqual(straight);
  }
});
