import type { ChainedOperator, DeclaredState, StateKind } from '../graph/job-graph.ts';
import type { KeyKind } from '../protocol/acknowledgement.ts';
import type { StateDeclaration, StateHandle, ValueState } from '../stream/state.ts';
import type { Key } from '../values/key.ts';
import type { Portable } from '../values/portable.ts';
import type { NamespacedState, OperatorState, TimerQueue } from './api.ts';
import { KeyCursor } from './key-cursor.ts';
import type { KeyedTable, TableContext, TableKind } from './keyed-table.ts';
import { KeyedTables } from './keyed-tables.ts';
import { type Migration, migrationOf } from './migration.ts';
import { NamespacedTables } from './namespaced-tables.ts';
import type { OperatorValues } from './operator-values.ts';
import type { StateSchemas } from './state-schema.ts';

/** All state of one operator: its keyed state, what it has by key and namespace, and its operator values. */
export class OperatorTables implements OperatorState {
  readonly operatorId: string;
  readonly #declared: readonly DeclaredState[];
  readonly #keyTypeDeclared: boolean;
  readonly #schemas: StateSchemas;
  readonly #context: TableContext;
  readonly #keyed: KeyedTables;
  readonly #operatorValues: OperatorValues;
  #namespaced: NamespacedTables | undefined = undefined;

  constructor(operator: ChainedOperator, context: TableContext, operatorValues: OperatorValues, schemas: StateSchemas) {
    this.operatorId = operator.operatorId;
    this.#declared = operator.states ?? [];
    this.#keyTypeDeclared = operator.keyType !== undefined;
    this.#schemas = schemas;
    this.#context = context;
    this.#keyed = new KeyedTables(context);
    this.#operatorValues = operatorValues;
  }

  setCurrentKey(key: Key, keyGroup: number): void {
    this.#context.cursor.set(key, keyGroup);
  }

  get currentKey(): Key {
    return this.#context.cursor.key;
  }

  state<D extends StateDeclaration>(name: string, declaration: D): StateHandle<D> {
    return this.#keyed.state(name, declaration);
  }

  valueState<T>(name: string): ValueState<T> {
    return this.#keyed.valueState(name);
  }

  get timers(): TimerQueue {
    return this.#keyed.timers;
  }

  get processingTimers(): TimerQueue {
    return this.#keyed.processingTimers;
  }

  get namespaced(): NamespacedState {
    return this.#namespacedTables();
  }

  operatorValue(name: string): Portable | undefined {
    return this.#operatorValues.get(this.operatorId, name);
  }

  setOperatorValue(name: string, value: Portable): void {
    this.#operatorValues.set(this.operatorId, name, value);
  }

  /** In an order that depends on nothing but kinds and names. */
  tables(): readonly KeyedTable[] {
    return this.#namespaced === undefined ? this.#keyed.tables() : [...this.#keyed.tables(), ...this.#namespaced.tables()];
  }

  table(kind: TableKind, name: string, namespaced: boolean): KeyedTable {
    return (namespaced ? this.#namespacedTables() : this.#keyed).table(kind, name);
  }

  /** Whether the program declares such state; tables of the engine's own are declared too. */
  declares(kind: TableKind, name: string): boolean {
    return this.#declared.some((state) => state.name === name && tableKindOf(state.kind) === kind);
  }

  /** What brings values of an older schema version up to the declared one. */
  migrationFrom(name: string, version: number): Migration | undefined {
    return migrationOf(this.#schemas(this.operatorId, name), version, this.#context.operator, name);
  }

  /** Declared schema versions above 1. */
  get versions(): ReadonlyMap<string, number> {
    return new Map(
      this.#declared.flatMap(({ name, schemaVersion }) => (schemaVersion === undefined ? [] : [[name, schemaVersion] as const])),
    );
  }

  get keyKinds(): readonly KeyKind[] {
    return this.#context.keyKinds.seen;
  }

  /** While state is still as a restore found it, keys must be of the same kinds; unless their type is declared, and compared. */
  guardKeys(restored: boolean): void {
    this.#context.keyKinds.guard(restored && !this.#keyTypeDeclared);
  }

  checkKinds(): void {
    this.#keyed.checkKinds();
    this.#namespaced?.checkKinds();
  }

  /** What was looked up before is void. */
  resetKey(): void {
    this.#keyed.resetKey();
    this.#namespaced?.resetKey();
  }

  #namespacedTables(): NamespacedTables {
    this.#namespaced ??= new NamespacedTables({ ...this.#context, cursor: new KeyCursor(this.#context.maxParallelism), namespaced: true });
    return this.#namespaced;
  }
}

/** As what a declared state is stored. */
const tableKindOf = (kind: StateKind): StateKind => (kind === 'reducing' || kind === 'aggregating' ? 'value' : kind);
