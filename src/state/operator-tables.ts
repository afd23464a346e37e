import type { ValueState } from '../stream/state.ts';
import type { Key } from '../values/key.ts';
import type { Portable } from '../values/portable.ts';
import type { OperatorState, TimerQueue } from './api.ts';
import type { KeyCursor } from './key-cursor.ts';
import type { KeyedTable, TableContext, TableKind } from './keyed-table.ts';
import type { OperatorValues } from './operator-values.ts';
import { TimerTable } from './timer-table.ts';
import { ValueTable } from './value-table.ts';

/** All state of one operator: its tables of keyed state, made when they are first asked for, and its operator values. */
export class OperatorTables implements OperatorState {
  readonly operatorId: string;
  readonly #context: TableContext;
  readonly #cursor: KeyCursor;
  readonly #operatorValues: OperatorValues;
  readonly #values = new Map<string, ValueTable>();
  #timers: TimerTable | undefined = undefined;

  constructor(operatorId: string, context: TableContext, operatorValues: OperatorValues) {
    this.operatorId = operatorId;
    this.#context = context;
    this.#cursor = context.cursor;
    this.#operatorValues = operatorValues;
  }

  setCurrentKey(key: Key, keyGroup: number): void {
    this.#cursor.set(key, keyGroup);
  }

  get currentKey(): Key {
    return this.#cursor.key;
  }

  valueState<T>(name: string): ValueState<T> {
    return this.#valueTable(name) as ValueState<T>;
  }

  get timers(): TimerQueue {
    return this.#timerTable();
  }

  operatorValue(name: string): Portable | undefined {
    return this.#operatorValues.get(this.operatorId, name);
  }

  setOperatorValue(name: string, value: Portable): void {
    this.#operatorValues.set(this.operatorId, name, value);
  }

  /** In an order that depends on nothing but the names: values by name, then timers. */
  tables(): readonly KeyedTable[] {
    const values = [...this.#values.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return this.#timers === undefined ? values : [...values, this.#timers];
  }

  table(kind: TableKind, name: string): KeyedTable {
    return kind === 'value' ? this.#valueTable(name) : this.#timerTable();
  }

  /** What was looked up before is void. */
  resetKey(): void {
    this.#cursor.reset();
  }

  #valueTable(name: string): ValueTable {
    let table = this.#values.get(name);
    if (table === undefined) {
      table = new ValueTable(name, this.#context);
      this.#values.set(name, table);
    }
    return table;
  }

  #timerTable(): TimerTable {
    this.#timers ??= new TimerTable(this.#context);
    return this.#timers;
  }
}
