import type { ChainedOperator, DeclaredState } from '../graph/job-graph.ts';
import { migrationOf, type StateSchemas, type StoredOperatorValues } from '../state/index.ts';
import type { Portable } from '../values/portable.ts';
import { dealList } from './deal-list.ts';
import { dealSplits } from './deal-splits.ts';
import { type StoredSplits, splitsStateName } from './source-splits.ts';

export interface DealInput {
  readonly operator: ChainedOperator;
  readonly subtask: number;
  readonly parallelism: number;
  /** By old subtask; null for one that kept nothing, or, at the same parallelism, that is not needed. */
  readonly before: readonly (StoredOperatorValues | null)[];
  readonly schemas: StateSchemas;
}

/**
 * The operator values that a subtask of a restored job begins with. At the same parallelism it keeps its own, union lists
 * apart, which go to all; at another they are dealt out by their kind. What the program no longer declares is left behind.
 * The rules are Flink's (RoundRobinOperatorStateRepartitioner); those of splits are ours.
 */
export function dealOperatorValues(input: DealInput): ReadonlyMap<string, Portable> {
  const values = new Map<string, Portable>();
  let start = 0;
  for (const declared of [...(input.operator.states ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = valueName(declared);
    if (name === undefined) continue;
    const before = input.before.map((stored) => (stored === null ? undefined : storedValueOf(input, declared, name, stored)));
    const dealt = deal(declared, before, input, start);
    start = dealt.start;
    if (dealt.value !== undefined) values.set(name, dealt.value);
  }
  return values;
}

/** Under which name an operator value holds a declared state; nothing for state by key. */
export function valueName({ kind, name }: DeclaredState): string | undefined {
  switch (kind) {
    case 'splitList':
      return `split:${name}`;
    case 'unionList':
      return `union:${name}`;
    case 'broadcast':
      return `broadcast:${name}`;
    case 'subtask':
      return `subtask:${name}`;
    case 'engine':
      return name;
    default:
      return undefined;
  }
}

/** An old subtask's value, brought up to the declared schema version. */
function storedValueOf(
  { operator, schemas }: DealInput,
  { kind, name }: DeclaredState,
  stored: string,
  { values, versions }: StoredOperatorValues,
) {
  const value = values.get(stored);
  const migrate = migrationOf(schemas(operator.operatorId, name), versions[name] ?? 1, operator.uid ?? operator.name, name);
  if (value === undefined || migrate === undefined) return value;
  if (kind === 'broadcast')
    return (value as readonly (readonly [Portable, Portable])[]).map(([key, old]) => [key, migrate(old) as Portable]);
  return (value as readonly Portable[]).map((item) => migrate(item) as Portable);
}

interface Dealt {
  readonly value: Portable | undefined;
  /** Where the next list begins. */
  readonly start: number;
}

function deal({ kind, name }: DeclaredState, before: readonly (Portable | undefined)[], input: DealInput, start: number): Dealt {
  const { subtask, parallelism } = input;
  const own = { value: before[subtask], start };
  if (kind === 'unionList') {
    const all = itemsOf(before);
    return { value: all.length === 0 ? undefined : all, start };
  }
  if (before.length === parallelism) return own;
  if (kind === 'splitList') {
    const { slices, next } = dealList(itemsOf(before), parallelism, start);
    const slice = slices[subtask]!;
    return { value: slice.length === 0 ? undefined : slice, start: next };
  }
  const copies = before.filter((value) => value !== undefined);
  if (kind === 'broadcast') return { value: copies[subtask % copies.length], start };
  if (name === splitsStateName)
    return { value: copies.length === 0 ? undefined : dealSplits(copies as unknown as StoredSplits[], parallelism)[subtask], start };
  // Of subtasks' own state: the plan has refused another parallelism, unless there is none.
  return { value: undefined, start };
}

const itemsOf = (lists: readonly (Portable | undefined)[]): readonly Portable[] =>
  lists.flatMap((list) => (list ?? []) as readonly Portable[]);
