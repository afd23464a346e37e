import type { KeyGroupRange, SegmentRef } from '../protocol/segment-ref.ts';
import type { Portable } from '../values/portable.ts';
import { decodeValues } from '../values/serializer.ts';
import { corrupt } from './corrupt.ts';
import { keyGroupsIn } from './key-group-ranges.ts';
import type { OperatorTables } from './operator-tables.ts';
import type { ValuesByName } from './operator-values.ts';
import type { OpenSegment } from './segment-format.ts';
import { baseOf, runsOf, type Section, tableKindOf } from './segment-table.ts';

/** Brings the key groups of the reference that lie in `within` to what the segment says. */
export function readKeyedSections(
  segment: OpenSegment,
  ref: SegmentRef,
  within: KeyGroupRange,
  operators: ReadonlyMap<string, OperatorTables>,
): void {
  const taken = new Set(keyGroupsIn(ref.keyGroups, within));
  for (const keyGroup of keyGroupsIn(baseOf(segment.table), within)) {
    if (!taken.has(keyGroup)) continue;
    for (const operator of operators.values()) for (const table of operator.tables()) table.empty(keyGroup);
  }
  for (const { section, offset } of sectionsOf(segment)) {
    if (section.kind === 'operator') continue;
    const { kind, timed, namespaced } = tableKindOf(section.kind);
    const table = operators.get(section.operatorId)?.table(kind, section.name, namespaced);
    if (table === undefined) continue;
    const bytes = segment.sections;
    for (const { keyGroup, counts, start, end } of runsOf(section)) {
      if (taken.has(keyGroup)) table.read({ keyGroup, counts, timed, bytes, start: offset + start, end: offset + end });
    }
  }
}

/** All operator values of the segment, by operator and name. */
export function readOperatorSections(segment: OpenSegment): ReadonlyMap<string, ValuesByName> {
  if (!segment.table.operatorState) throw corrupt('it has no operator state, which its reference asks for');
  const values = new Map<string, ValuesByName>();
  for (const { section, offset } of sectionsOf(segment)) {
    if (section.kind !== 'operator') continue;
    const list = decodeValues(segment.sections, offset, offset + section.length);
    if (list.length !== section.count * 2) throw corrupt(`an operator section has ${list.length} values`);
    const byName = new Map<string, Portable>();
    for (let i = 0; i < list.length; i += 2) byName.set(String(list[i]), list[i + 1] as Portable);
    values.set(section.operatorId, byName);
  }
  return values;
}

function* sectionsOf(segment: OpenSegment): Iterable<{ readonly section: Section; readonly offset: number }> {
  let offset = 0;
  for (const section of segment.table.sections) {
    yield { section, offset };
    offset += section.length;
  }
}
