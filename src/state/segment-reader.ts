import type { KeyGroupRange, OperatorMapping, SegmentRef } from '../protocol/segment-ref.ts';
import type { Portable } from '../values/portable.ts';
import { decodeValues } from '../values/serializer.ts';
import { corrupt } from './corrupt.ts';
import { keyGroupsIn } from './key-group-ranges.ts';
import type { OperatorTables } from './operator-tables.ts';
import type { ValuesByName } from './operator-values.ts';
import { type OpenSegment, openSegment } from './segment-format.ts';
import { baseOf, runsOf, type Section, tableKindOf } from './segment-table.ts';

/**
 * Brings the key groups of the reference that lie in `within` to what the segment says: of all operators, or of those that
 * the reference names, and then of their declared states alone. What a restore leaves behind is not read.
 */
export function readKeyedSections(
  segment: OpenSegment,
  ref: SegmentRef,
  within: KeyGroupRange,
  operators: ReadonlyMap<string, OperatorTables>,
): void {
  const restored = ref.operators !== undefined;
  const targets = ref.operators === undefined ? operators : targetsOf(ref.operators, operators);
  const taken = new Set(keyGroupsIn(ref.keyGroups, within));
  for (const keyGroup of keyGroupsIn(baseOf(segment.table), within)) {
    if (!taken.has(keyGroup)) continue;
    for (const operator of targets.values()) for (const table of operator.tables()) table.empty(keyGroup);
  }
  for (const { section, offset } of sectionsOf(segment)) {
    if (section.kind === 'operator') continue;
    const { kind, timed, namespaced } = tableKindOf(section.kind);
    const operator = targets.get(section.operatorId);
    if (operator === undefined || (restored && !operator.declares(kind, section.name))) continue;
    const table = operator.table(kind, section.name, namespaced);
    const migrate = kind === 'timers' ? undefined : operator.migrationFrom(section.name, section.version ?? 1);
    const bytes = segment.sections;
    for (const { keyGroup, counts, start, end } of runsOf(section)) {
      if (taken.has(keyGroup)) table.read({ keyGroup, counts, timed, bytes, start: offset + start, end: offset + end, migrate });
    }
  }
}

/** By the id under which an operator's sections stand in the segment. */
function targetsOf(
  mappings: readonly OperatorMapping[],
  operators: ReadonlyMap<string, OperatorTables>,
): ReadonlyMap<string, OperatorTables> {
  return new Map(
    mappings.flatMap(({ from, to }) => {
      const operator = operators.get(to);
      return operator === undefined ? [] : [[from, operator] as const];
    }),
  );
}

export interface StoredOperatorValues {
  readonly values: ValuesByName;
  /** Schema versions by state; missing: 1. */
  readonly versions: { readonly [state: string]: number };
}

/** All operator values of the segment, by operator and name. */
export function readOperatorSections(segment: OpenSegment): ReadonlyMap<string, StoredOperatorValues> {
  if (!segment.table.operatorState) throw corrupt('it has no operator state, which its reference asks for');
  const values = new Map<string, StoredOperatorValues>();
  for (const { section, offset } of sectionsOf(segment)) {
    if (section.kind !== 'operator') continue;
    const list = decodeValues(segment.sections, offset, offset + section.length);
    if (list.length !== section.count * 2) throw corrupt(`an operator section has ${list.length} values`);
    const byName = new Map<string, Portable>();
    for (let i = 0; i < list.length; i += 2) byName.set(String(list[i]), list[i + 1] as Portable);
    values.set(section.operatorId, { values: byName, versions: section.versions ?? {} });
  }
  return values;
}

/** The operator values of a stored segment, by the operator that wrote them. Throws SEGMENT_CORRUPT if it has none. */
export const operatorValuesIn = (bytes: Uint8Array): ReadonlyMap<string, StoredOperatorValues> => readOperatorSections(openSegment(bytes));

function* sectionsOf(segment: OpenSegment): Iterable<{ readonly section: Section; readonly offset: number }> {
  let offset = 0;
  for (const section of segment.table.sections) {
    yield { section, offset };
    offset += section.length;
  }
}
