/**
 * What the job should find, by the plainest means: whole files in memory, one loop. It shares no code with the job or
 * the engine, so that both can't be wrong in the same way. Local files only.
 *
 *   node examples/flight-delays/check.ts <input file> <output directory>
 */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The lines that the job's result should have, sorted. */
export function expectedLines(...inputFiles: readonly string[]): readonly string[] {
  const delaysByOrigin = new Map<string, number[]>();
  for (const file of inputFiles) {
    for (const { origin, delay } of flightsIn(file)) {
      const delays = delaysByOrigin.get(origin);
      if (delays === undefined) delaysByOrigin.set(origin, [delay]);
      else delays.push(delay);
    }
  }
  const lines = [...delaysByOrigin].map(([airport, delays]) => {
    let sum = 0;
    let worstDelay = Number.NEGATIVE_INFINITY;
    let late = 0;
    for (const delay of delays) {
      sum += delay;
      if (delay > worstDelay) worstDelay = delay;
      if (delay > 15) late += 1;
    }
    const flights = delays.length;
    const meanDelay = Math.round((sum * 100) / flights) / 100;
    const delayedShare = Math.round((late * 10000) / flights) / 10000;
    return JSON.stringify({ airport, flights, meanDelay, worstDelay, delayedShare });
  });
  return lines.sort();
}

/** The lines that an output directory holds, sorted. Names that begin with a dot are no results. */
export function foundLines(outputDirectory: string): readonly string[] {
  const lines: string[] = [];
  for (const name of readdirSync(outputDirectory)) {
    if (!name.startsWith('part-')) continue;
    lines.push(
      ...readFileSync(join(outputDirectory, name), 'utf8')
        .split('\n')
        .filter((line) => line !== ''),
    );
  }
  return lines.sort();
}

/** What the result has too much (`+`) and too little (`-`), a line that occurs twice too; empty if it is exactly right. */
export function differences(inputFiles: string | readonly string[], outputDirectory: string): readonly string[] {
  const expected = expectedLines(...(typeof inputFiles === 'string' ? [inputFiles] : inputFiles));
  const missing = new Map<string, number>();
  for (const line of expected) missing.set(line, (missing.get(line) ?? 0) + 1);
  const found: string[] = [];
  for (const line of foundLines(outputDirectory)) {
    const left = missing.get(line) ?? 0;
    if (left === 0) found.push(`+ ${line}`);
    else missing.set(line, left - 1);
  }
  for (const [line, count] of missing) for (let i = 0; i < count; i++) found.push(`- ${line}`);
  return found;
}

function flightsIn(file: string): readonly { readonly origin: string; readonly delay: number }[] {
  const text = readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (extname(file).toLowerCase() === '.csv') {
    const [header = '', ...rows] = lines;
    const columns = header.split(',').map(unquoted);
    const origin = columns.indexOf('origin');
    const delay = columns.indexOf('delay');
    return rows.map((row) => row.split(',').map(unquoted)).map((cells) => ({ origin: cells[origin] ?? '', delay: Number(cells[delay]) }));
  }
  return text.trimStart().startsWith('[') ? JSON.parse(text) : lines.map((line) => JSON.parse(line));
}

/** Flights have no commas, quotes or line breaks in their fields, so this is all that quoting can mean. */
const unquoted = (cell: string) => cell.replace(/^"(.*)"$/, '$1');

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [input, output] = process.argv.slice(2);
  if (input === undefined || output === undefined) {
    console.error('Usage: node examples/flight-delays/check.ts <input file> <output directory>');
    process.exitCode = 2;
  } else {
    const found = differences(input, output);
    console.log(
      found.length === 0 ? 'The result equals a plain single pass.' : ['The result differs from a plain single pass:', ...found].join('\n'),
    );
    process.exitCode = found.length === 0 ? 0 : 1;
  }
}
