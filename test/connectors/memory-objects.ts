import type { Clock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { ObjectInfo, ObjectStore } from '../../src/cloud/index.ts';

const pageObjects = 3;

/** Objects in a map, with pages of three, for tests that read thousands of small files. */
export function memoryObjects(
  contents: Readonly<Record<string, string | Uint8Array>> = {},
): ObjectStore & { readonly map: Map<string, Uint8Array> } {
  const map = new Map(Object.entries(contents).map(([uri, text]) => [uri, typeof text === 'string' ? Buffer.from(text) : text]));
  const info = (uri: string): ObjectInfo => ({ uri, bytes: map.get(uri)!.byteLength });
  return {
    map,
    put: async (uri, bytes) => void map.set(uri, bytes.slice()),
    get: async (uri, range) => (range === undefined ? map.get(uri) : map.get(uri)?.subarray(range.offset, range.offset + range.length)),
    head: async (uri) => (map.has(uri) ? info(uri) : undefined),
    async list(uriPrefix, after) {
      const uris = [...map.keys()].filter((uri) => uri.startsWith(uriPrefix) && (after === undefined || uri > after)).sort();
      const page = uris.slice(0, pageObjects);
      return { objects: page.map(info), next: uris.length > page.length ? page.at(-1) : undefined };
    },
    async publish(stagedUri, finalUri) {
      const staged = map.get(stagedUri);
      if (staged === undefined) return map.has(finalUri) ? 'published' : 'missing';
      map.set(finalUri, staged);
      map.delete(stagedUri);
      return 'published';
    },
    delete: async (uri) => void map.delete(uri),
  };
}

/** A clock that stands still: file connectors never ask it. */
export const noClock: Clock = { now: () => 0, sleep: () => Promise.resolve() };

/** Whole numbers below a bound, from a seed. */
export function seededNumbers(seed: number): (bound: number) => number {
  const random = seededRandom(seed);
  return (bound) => Math.floor(random.fraction() * bound);
}
