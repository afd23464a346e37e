import { compareUtf8 } from '../base/bytes.ts';
import { WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type {
  PutCondition,
  PutOutcome,
  QueryOptions,
  QueryPage,
  RecordFields,
  RecordKey,
  RecordStore,
  RecordValue,
  StoredRecord,
} from '../cloud/index.ts';
import { type Caller, outside, type PortCalls } from './port-calls.ts';

interface Row extends StoredRecord {
  /** Of the call that wrote it: a call that finds its own write had its effect before (contract 3). */
  readonly writtenBy: object;
}

/** Told of every change, in the instant it happens. */
export interface RecordObserver {
  onRecord(change: {
    readonly key: RecordKey;
    readonly before: StoredRecord | undefined;
    readonly after: StoredRecord | undefined;
    readonly caller: Caller;
  }): void;
}

/** Records in memory, with the contract of RecordStore to the letter. */
export class SimulatedRecords {
  readonly #calls: PortCalls;
  readonly #partitions = new Map<string, Map<string, Row>>();
  readonly #observers: RecordObserver[] = [];

  constructor(calls: PortCalls) {
    this.#calls = calls;
  }

  observe(observer: RecordObserver): void {
    this.#observers.push(observer);
  }

  /** As it stands, without a call: for checkers and for looking at the result. */
  peek(key: RecordKey): StoredRecord | undefined {
    const row = this.#partitions.get(key.partition)?.get(key.sort);
    return row === undefined ? undefined : { key: row.key, revision: row.revision, fields: copyFields(row.fields) };
  }

  /** All that stand there. */
  contents(): readonly { readonly key: RecordKey; readonly fields: RecordFields }[] {
    return [...this.#partitions.values()].flatMap((rows) =>
      [...rows.values()].map(({ key, fields }) => ({ key, fields: copyFields(fields) })),
    );
  }

  /** Those of a partition, in the order of a query. */
  peekAll(partition: string): readonly StoredRecord[] {
    const sorts = [...(this.#partitions.get(partition)?.keys() ?? [])].sort((a, b) => (a < b ? -1 : 1));
    return sorts.flatMap((sort) => this.peek({ partition, sort }) ?? []);
  }

  /** Puts a record there from the outside of the simulated world: what was deployed before. */
  place(key: RecordKey, fields: RecordFields): void {
    this.#put(key, checkedCopy(key, fields), { kind: 'always' }, {}, outside);
  }

  /** The store as this caller sees it. */
  for(caller: Caller = outside): RecordStore {
    const perform = <T>(
      operation: 'get' | 'getMany' | 'put' | 'delete' | 'query',
      target: string,
      effect: () => T,
      describe: (answer: T) => string,
    ) => this.#calls.perform(caller, { operation: `records.${operation}`, target, effect, describe });
    return {
      get: (key) => perform('get', nameOf(key), () => this.peek(key), describeRecord),
      getMany: (keys) =>
        perform(
          'getMany',
          keys.map(nameOf).join(','),
          () => keys.map((key) => this.peek(key)),
          (found) => found.map(describeRecord).join(','),
        ),
      put: async (key, fields, condition) => {
        const copy = checkedCopy(key, fields);
        const mark = {};
        return await perform('put', nameOf(key), () => this.#put(key, copy, condition, mark, caller), describePut);
      },
      delete: (key) =>
        perform(
          'delete',
          nameOf(key),
          () => this.#delete(key, caller),
          () => 'deleted',
        ),
      query: (partition, options = {}) =>
        perform(
          'query',
          partition,
          () => this.#query(partition, options),
          (page) => `${page.records.length} records`,
        ),
    };
  }

  #put(key: RecordKey, fields: RecordFields, condition: PutCondition, mark: object, caller: Caller): PutOutcome {
    const partition = this.#partitions.get(key.partition) ?? new Map<string, Row>();
    const row = partition.get(key.sort);
    if (row?.writtenBy === mark) return { kind: 'stored', revision: row.revision };
    const holds = condition.kind === 'always' || (condition.kind === 'absent' ? row === undefined : row?.revision === condition.revision);
    if (!holds) return { kind: 'conflict', current: this.peek(key) };
    const revision = (row?.revision ?? 0) + 1;
    this.#partitions.set(key.partition, partition);
    partition.set(key.sort, { key: { ...key }, revision, fields, writtenBy: mark });
    this.#tell(key, row, partition.get(key.sort), caller);
    return { kind: 'stored', revision };
  }

  #delete(key: RecordKey, caller: Caller): void {
    const partition = this.#partitions.get(key.partition);
    const row = partition?.get(key.sort);
    if (partition === undefined || row === undefined) return;
    partition.delete(key.sort);
    this.#tell(key, row, undefined, caller);
  }

  #query(partition: string, options: QueryOptions): QueryPage {
    const { prefix = '', after, limit = Number.POSITIVE_INFINITY } = options;
    const matching = [...(this.#partitions.get(partition)?.keys() ?? [])]
      .filter((sort) => sort.startsWith(prefix) && (after === undefined || compareUtf8(sort, after) > 0))
      .sort(compareUtf8);
    const page = matching.slice(0, limit);
    return {
      records: page.map((sort) => this.peek({ partition, sort })!),
      next: page.length < matching.length ? page.at(-1) : undefined,
    };
  }

  #tell(key: RecordKey, before: StoredRecord | undefined, after: StoredRecord | undefined, caller: Caller): void {
    for (const observer of this.#observers) observer.onRecord({ key, before, after, caller });
  }
}

const nameOf = (key: RecordKey): string => `${key.partition}|${key.sort}`;
const describeRecord = (record: StoredRecord | undefined): string => (record === undefined ? 'nothing' : `revision ${record.revision}`);
const describePut = (outcome: PutOutcome): string => (outcome.kind === 'stored' ? `stored ${outcome.revision}` : 'conflict');

function checkedCopy(key: RecordKey, fields: RecordFields): RecordFields {
  const refuse = (code: 'RECORD_INVALID' | 'RECORD_TOO_LARGE', found: string): never => {
    throw new WeirError({ code, domain: 'internal', message: `Record ${nameOf(key)} can't be stored: ${found}.` });
  };
  let bytes = Buffer.byteLength(key.partition) + Buffer.byteLength(key.sort);
  const copy = copyFields(fields, (value, size) => {
    bytes += size;
    if (typeof value === 'number' && !Number.isFinite(value)) refuse('RECORD_INVALID', `it holds ${value}, which is no finite number`);
    if (!['string', 'number', 'boolean', 'object'].includes(typeof value)) refuse('RECORD_INVALID', `it holds a ${typeof value}`);
  });
  if (bytes > limits.recordBytesMax) refuse('RECORD_TOO_LARGE', `it takes about ${bytes} bytes, and at most ${limits.recordBytesMax} fit`);
  return copy;
}

type Visit = (value: RecordValue, bytes: number) => void;

/** A deep copy without undefined fields, so that nobody shares memory through a record. */
function copyFields(fields: RecordFields, visit?: Visit): RecordFields {
  const copy: { [field: string]: RecordValue } = {};
  for (const field in fields) {
    const value = fields[field];
    if (value !== undefined) copy[field] = copyValue(value, visit, field.length);
  }
  return copy;
}

function copyValue(value: RecordValue, visit: Visit | undefined, nameLength = 0): RecordValue {
  visit?.(value, nameLength + (typeof value === 'string' ? Buffer.byteLength(value) : value instanceof Uint8Array ? value.byteLength : 3));
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return value.slice();
  if (Array.isArray(value)) return value.map((element) => copyValue(element, visit));
  return copyFields(value as RecordFields, visit);
}
