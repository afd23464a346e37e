import type { Clock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Cloud, ObjectStore, RecordFields, RecordKey, RecordStore, StoredRecord } from '../../src/cloud/index.ts';

export interface MemoryCloud extends Cloud {
  /** How often each operation was called, as `records.get`. */
  readonly calls: Map<string, number>;
  /** Lets the next calls of an operation fail, before or after their effect. */
  fail(operation: string, when: 'before' | 'after', times?: number): void;
  readonly stored: Map<string, Uint8Array>;
  advance(ms: number): void;
}

/** Records and objects in memory, at once, in a time that stands still unless a test moves it. */
export function memoryCloud(): MemoryCloud {
  let now = 1_000_000;
  const calls = new Map<string, number>();
  const failing = new Map<string, { when: 'before' | 'after'; times: number }>();
  const perform = async <T>(operation: string, effect: () => T): Promise<T> => {
    calls.set(operation, (calls.get(operation) ?? 0) + 1);
    const fault = failing.get(operation);
    const strikes = fault !== undefined && fault.times-- > 0;
    if (strikes && fault.when === 'before') throw new Error(`${operation} failed before its effect`);
    const answer = effect();
    await Promise.resolve();
    if (strikes) throw new Error(`${operation} failed after its effect`);
    return answer;
  };
  const stored = new Map<string, Uint8Array>();
  const clock: Clock = { now: () => now, sleep: () => Promise.resolve() };
  const refuse = () => Promise.reject(new Error('Nothing here calls workflows or functions.'));
  return {
    clock,
    random: seededRandom(1),
    records: memoryRecords(perform),
    objects: memoryObjects(perform, stored),
    workflows: { start: refuse, status: refuse, sendTaskSuccess: refuse, stop: refuse },
    functions: { invoke: refuse },
    calls,
    stored,
    fail: (operation, when, times = 1) => void failing.set(operation, { when, times }),
    advance: (ms) => {
      now += ms;
    },
  } as MemoryCloud;
}

type Perform = <T>(operation: string, effect: () => T) => Promise<T>;

function memoryRecords(perform: Perform): RecordStore {
  const rows = new Map<string, StoredRecord>();
  const nameOf = ({ partition, sort }: RecordKey): string => `${partition}|${sort}`;
  return {
    get: (key) => perform('records.get', () => structuredClone(rows.get(nameOf(key)))),
    getMany: (keys) => perform('records.getMany', () => keys.map((key) => structuredClone(rows.get(nameOf(key))))),
    put: (key, fields: RecordFields, condition) =>
      perform('records.put', () => {
        const current = rows.get(nameOf(key));
        const holds =
          condition.kind === 'always' || (condition.kind === 'absent' ? current === undefined : current?.revision === condition.revision);
        if (!holds) return { kind: 'conflict', current: structuredClone(current) } as const;
        const revision = (current?.revision ?? 0) + 1;
        rows.set(nameOf(key), structuredClone({ key, revision, fields }));
        return { kind: 'stored', revision } as const;
      }),
    delete: (key) => perform('records.delete', () => void rows.delete(nameOf(key))),
    query: (partition) =>
      perform('records.query', () => ({ records: [...rows.values()].filter(({ key }) => key.partition === partition), next: undefined })),
  };
}

function memoryObjects(perform: Perform, stored: Map<string, Uint8Array>): ObjectStore {
  const infoOf = (uri: string) => ({ uri, bytes: stored.get(uri)!.byteLength });
  return {
    put: (uri, bytes) => perform('objects.put', () => void stored.set(uri, bytes.slice())),
    get: (uri, range) =>
      perform('objects.get', () =>
        stored.get(uri)?.slice(range?.offset ?? 0, range === undefined ? undefined : range.offset + range.length),
      ),
    head: (uri) => perform('objects.head', () => (stored.has(uri) ? infoOf(uri) : undefined)),
    list: (prefix) =>
      perform('objects.list', () => ({
        objects: [...stored.keys()]
          .filter((uri) => uri.startsWith(prefix))
          .sort()
          .map(infoOf),
        next: undefined,
      })),
    publish: (staged, final) =>
      perform('objects.publish', () => {
        const bytes = stored.get(staged);
        if (bytes === undefined) return stored.has(final) ? 'published' : 'missing';
        stored.set(final, bytes);
        stored.delete(staged);
        return 'published';
      }),
    delete: (uri) => perform('objects.delete', () => void stored.delete(uri)),
  };
}
