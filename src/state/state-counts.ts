import type { ChainedOperator } from '../graph/job-graph.ts';
import type { StateCount } from '../protocol/acknowledgement.ts';
import type { Portable } from '../values/portable.ts';
import { encodeValue } from '../values/serializer.ts';
import type { OperatorTables } from './operator-tables.ts';
import { type OperatorValues, stateOfValue } from './operator-values.ts';

/** Counts what there is of each named state of a subtask. Operator values are measured again only when they have changed. */
export class StateCounter {
  readonly #sizes = new Map<string, { readonly value: Portable; readonly bytes: number }>();

  count(operators: readonly ChainedOperator[], tables: ReadonlyMap<string, OperatorTables>, values: OperatorValues): readonly StateCount[] {
    return operators.flatMap(({ operatorId }, operator) => [
      ...keyedCounts(operator, tables.get(operatorId)!),
      ...values.of(operatorId).flatMap(([name, value]): readonly StateCount[] => {
        const kind = kindOf(name);
        if (kind === undefined) return [];
        return [
          { operator, name: stateOfValue(name), kind, entries: entriesOf(value), bytes: this.#bytesOf(`${operatorId} ${name}`, value) },
        ];
      }),
    ]);
  }

  #bytesOf(of: string, value: Portable): number {
    const known = this.#sizes.get(of);
    if (known?.value === value) return known.bytes;
    const bytes = encodeValue(value).byteLength;
    this.#sizes.set(of, { value, bytes });
    return bytes;
  }
}

function keyedCounts(operator: number, tables: OperatorTables): readonly StateCount[] {
  const { keyKinds } = tables;
  return tables
    .tables()
    .filter(({ entries }) => entries > 0)
    .map(({ name, kind, entries, bytes }) => ({ operator, name, kind, entries, bytes, keyKinds }));
}

/** A name says what the value is; what the engine can make anew for itself is not counted. */
function kindOf(name: string): StateCount['kind'] | undefined {
  if (name === '_splits') return 'engine';
  switch (name.slice(0, name.indexOf(':') + 1)) {
    case 'split:':
      return 'splitList';
    case 'union:':
      return 'unionList';
    case 'broadcast:':
      return 'broadcast';
    case 'subtask:':
      return 'subtask';
    default:
      return undefined;
  }
}

const entriesOf = (value: Portable): number => (Array.isArray(value) ? value.length : 1);
