import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ObjectStore } from '../../src/cloud/index.ts';
import type { Count } from './jobs/counts.ts';

interface Flight {
  readonly origin: string;
}

/** Real ones, of 2001. */
const flightsFile = fileURLToPath(new URL('../../node_modules/vega-datasets/data/flights-2k.json', import.meta.url));
const all = (JSON.parse(readFileSync(flightsFile, 'utf8')) as readonly Flight[]).slice(0, 1_000);

/** Flights in some files below a directory, so that several subtasks have something to read. */
export async function putFlights(objects: ObjectStore, directory: string): Promise<void> {
  const files = 4;
  for (let file = 0; file < files; file++) {
    const lines = all.filter((_, index) => index % files === file).map((flight) => `${JSON.stringify(flight)}\n`);
    await objects.put(`${directory}/flights-${file}.ndjson`, new TextEncoder().encode(lines.join('')));
  }
}

/** What the counting job should write of all of them, whatever happened on the way: sorted. */
export function expectedCounts(): readonly string[] {
  const counts = new Map<string, number>();
  return all
    .map(({ origin }) => {
      const nth = (counts.get(origin) ?? 0) + 1;
      counts.set(origin, nth);
      return JSON.stringify({ airport: origin, nth } satisfies Count);
    })
    .toSorted();
}

/** The lines of all that readers see below a directory, sorted. */
export async function linesIn(objects: ObjectStore, directory: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for (let after: string | undefined; ; ) {
    const page = await objects.list(`${directory}/`, after);
    for (const { uri } of page.objects) {
      // Names that begin with a dot are no results.
      if (uri.slice(directory.length + 1).startsWith('.')) continue;
      const bytes = await objects.get(uri);
      lines.push(
        ...new TextDecoder()
          .decode(bytes)
          .split('\n')
          .filter((line) => line !== ''),
      );
    }
    if (page.next === undefined) return lines.toSorted();
    after = page.next;
  }
}
