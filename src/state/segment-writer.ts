import { ValueWriter } from '../values/value-writer.ts';
import type { EncodedSegment } from './api.ts';
import { coarsenRanges, rangesOf } from './key-group-ranges.ts';
import type { KeyedTable } from './keyed-table.ts';
import { type NamedValue, stateOfValue } from './operator-values.ts';
import { sealSegment } from './segment-format.ts';
import { type KeyedSection, type Section, type SegmentTable, sectionKindOf } from './segment-table.ts';

/** What a reference lists stays short: a manifest holds many. */
const rangesMax = 8;

/** One operator's part in a segment. */
export interface OperatorPart {
  readonly operatorId: string;
  /** With how many entries are to be written by key group. */
  readonly tables: readonly { readonly table: KeyedTable; readonly changes: ReadonlyMap<number, number> }[];
  readonly values: readonly NamedValue[];
  /** Declared schema versions by state, above 1. */
  readonly versions: ReadonlyMap<string, number>;
}

export interface SegmentParts {
  readonly head: Pick<
    SegmentTable,
    'vertexId' | 'subtask' | 'checkpoint' | 'attempt' | 'maxParallelism' | 'compactionCredit' | 'operatorState'
  >;
  readonly operators: readonly OperatorPart[];
  /** Key groups to write whole. */
  readonly whole: ReadonlySet<number>;
}

/** Writes the changes of all tables, and some key groups whole. */
export function writeSegment({ head, operators, whole }: SegmentParts): EncodedSegment {
  const out = new ValueWriter();
  const sections: Section[] = [];
  const written = new Set(whole);
  for (const part of operators) {
    for (const { table, changes } of part.tables) {
      const section = writeKeyedSection(part, table, changes, whole, out);
      if (section.groups.length > 0) sections.push(section);
      for (const keyGroup of changes.keys()) written.add(keyGroup);
    }
    if (head.operatorState && part.values.length > 0) sections.push(writeOperatorSection(part, out));
  }
  const base = rangesOf(ascending(whole));
  const bytes = sealSegment({ table: { ...head, base: base.flat(), sections }, sections: out.view() });
  return { bytes, keyGroups: coarsenRanges(rangesOf(ascending(written)), rangesMax), base, operatorState: head.operatorState };
}

function writeKeyedSection(
  { operatorId, versions }: OperatorPart,
  table: KeyedTable,
  changes: ReadonlyMap<number, number>,
  whole: ReadonlySet<number>,
  out: ValueWriter,
): KeyedSection {
  const sectionStart = out.offset;
  const groups: number[] = [];
  for (const keyGroup of ascending(new Set([...changes.keys(), ...whole]))) {
    const start = out.offset;
    const { puts, deletes } = table.write(keyGroup, whole.has(keyGroup), out);
    if (out.offset > start) groups.push(keyGroup, out.offset - start, puts, deletes);
  }
  const version = table.kind === 'timers' ? undefined : versions.get(table.name);
  const head = { kind: sectionKindOf(table), operatorId, name: table.name, ...(version === undefined ? {} : { version }) };
  return { ...head, length: out.offset - sectionStart, groups };
}

function writeOperatorSection({ operatorId, values, versions }: OperatorPart, out: ValueWriter): Section {
  const start = out.offset;
  for (const [name, value] of values) {
    out.write(name);
    out.write(value);
  }
  const named = values.flatMap(([name]) => {
    const version = versions.get(stateOfValue(name));
    return version === undefined ? [] : [[stateOfValue(name), version] as const];
  });
  const head = {
    kind: 'operator' as const,
    operatorId,
    name: '' as const,
    ...(named.length === 0 ? {} : { versions: Object.fromEntries(named) }),
  };
  return { ...head, length: out.offset - start, count: values.length };
}

const ascending = (keyGroups: ReadonlySet<number>): readonly number[] => [...keyGroups].sort((a, b) => a - b);
