import type { Clock } from '../base/clock.ts';
import { WeirError } from '../base/errors.ts';
import type { RecordFields, RecordKey, RecordStore } from './record-store.ts';

/** What a decision wants done with the record it saw; nothing to put leaves it as it is. */
export interface Decision<T, R> {
  readonly answer: T;
  readonly put?: R;
}

export interface RecordUpdate<T, R> {
  readonly key: RecordKey;
  /** Pure but for what it reads, which it reads after the record; asked again whenever something came in between. */
  readonly decide: (record: R | undefined) => Decision<T, R> | Promise<Decision<T, R>>;
  /** What is thrown when others were faster so many times. */
  readonly contended: (conflicts: number) => WeirError;
}

const conflictsMax = 100;
const doubtsMax = 4;

/**
 * Lets `decide` see a record, and puts what it wants in its place, on condition that nobody was faster; else asks again with
 * what stands there now. A write of unknown outcome is read back by asking again too: decisions recognize their own work.
 */
export async function updateRecord<T, R extends object>(
  { records, clock }: { readonly records: RecordStore; readonly clock: Clock },
  { key, decide, contended }: RecordUpdate<T, R>,
): Promise<T> {
  let doubts = 0;
  for (let conflicts = 0; conflicts < conflictsMax; ) {
    try {
      const stored = await records.get(key);
      const { answer, put } = await decide(stored?.fields as R | undefined);
      if (put === undefined) return answer;
      const condition = stored === undefined ? ({ kind: 'absent' } as const) : ({ kind: 'revision', revision: stored.revision } as const);
      if ((await records.put(key, put as RecordFields, condition)).kind === 'stored') return answer;
      conflicts++;
    } catch (error) {
      if (WeirError.is(error) && (error.domain === 'internal' || error.domain === 'user')) throw error;
      if (++doubts > doubtsMax) throw error;
      await clock.sleep(20 * 2 ** doubts);
    }
  }
  throw contended(conflictsMax);
}
