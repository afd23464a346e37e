import * as z from 'zod';
import type { KeyGroupRange } from '../protocol/segment-ref.ts';
import { corrupt } from './corrupt.ts';
import type { GroupCounts, TableKind } from './keyed-table.ts';
import { unsupported } from './unsupported.ts';

const count = z.int().nonnegative();

const plainKinds = ['value', 'timed-value', 'list', 'timed-list', 'map', 'timed-map', 'timers'] as const;
type PlainKind = (typeof plainKinds)[number];
type KeyedSectionKind = PlainKind | `namespaced-${PlainKind}`;
const keyedKinds: readonly KeyedSectionKind[] = [...plainKinds, ...plainKinds.map((kind) => `namespaced-${kind}` as const)];

const keyedSection = z.object({
  kind: z.enum(keyedKinds),
  operatorId: z.string(),
  name: z.string(),
  length: count,
  /** Schema version of its values; left out: 1. */
  version: z.int().positive().optional(),
  /** [key group, length, puts, deletes] again and again. */
  groups: z.array(count),
});

const operatorSection = z.object({
  kind: z.literal('operator'),
  operatorId: z.string(),
  name: z.literal(''),
  length: count,
  count,
  /** Schema versions by the names of declared states; left out: 1. */
  versions: z.record(z.string(), z.int().positive()).optional(),
});

const segmentTable = z.object({
  vertexId: z.string(),
  subtask: count,
  checkpoint: count,
  attempt: count,
  maxParallelism: count,
  /** Both ends of each range, in one flat list. */
  base: z.array(count),
  /** Not in segments of the first Weir, which kept another account. */
  compactionCredit: count.default(0),
  operatorState: z.boolean(),
  sections: z.array(z.discriminatedUnion('kind', [keyedSection, operatorSection])),
});

export type KeyedSection = z.infer<typeof keyedSection>;
export type Section = KeyedSection | z.infer<typeof operatorSection>;
/** What a segment holds, and where; segment-format.ts has the layout. */
export type SegmentTable = z.infer<typeof segmentTable>;

export interface GroupRun {
  readonly keyGroup: number;
  readonly counts: GroupCounts;
  /** Within the section. */
  readonly start: number;
  readonly end: number;
}

/** The runs of entries of a keyed section, one per key group. */
export function* runsOf(section: KeyedSection): Iterable<GroupRun> {
  let start = 0;
  for (let i = 0; i < section.groups.length; i += 4) {
    const [keyGroup, length, puts, deletes] = section.groups.slice(i, i + 4) as [number, number, number, number];
    yield { keyGroup, counts: { puts, deletes }, start, end: start + length };
    start += length;
  }
}

/** What a section's kind says of its table. */
interface SectionTable {
  readonly kind: TableKind;
  /** Entries come with times. */
  readonly timed: boolean;
  /** Keys are pairs with a namespace. */
  readonly namespaced: boolean;
}

export function tableKindOf(sectionKind: KeyedSectionKind): SectionTable {
  const [, namespaced, timed, kind] = /^(namespaced-)?(timed-)?(.*)$/.exec(sectionKind)!;
  return { kind: kind as TableKind, timed: timed !== undefined, namespaced: namespaced !== undefined };
}

export function sectionKindOf({ kind, timed, namespaced }: SectionTable): KeyedSectionKind {
  const plain = timed && kind !== 'timers' ? (`timed-${kind}` as const) : kind;
  return namespaced ? `namespaced-${plain}` : plain;
}

/** The key groups that a segment holds as a whole. */
export function baseOf(table: SegmentTable): readonly KeyGroupRange[] {
  const ranges: KeyGroupRange[] = [];
  for (let i = 0; i < table.base.length; i += 2) ranges.push([table.base[i]!, table.base[i + 1]!]);
  return ranges;
}

/** Checks everything that reading goes by. */
export function segmentTableFrom(value: unknown, sectionsBytes: number): SegmentTable {
  refuseUnknownKinds(value);
  const parsed = segmentTable.safeParse(value);
  if (!parsed.success) throw corrupt('its table is none', parsed.error);
  const table = parsed.data;
  if (table.base.length % 2 !== 0 || table.base.some((keyGroup) => keyGroup >= table.maxParallelism))
    throw corrupt('its base is not a list of ranges');
  if (table.sections.reduce((sum, { length }) => sum + length, 0) !== sectionsBytes)
    throw corrupt('its sections are not as long as its table says');
  for (const section of table.sections) if (section.kind !== 'operator') checkIndex(section, table.maxParallelism);
  return table;
}

function checkIndex(section: KeyedSection, maxParallelism: number): void {
  if (section.groups.length % 4 !== 0) throw corrupt('the index of a section is cut off');
  let before = -1;
  let length = 0;
  for (const run of runsOf(section)) {
    if (run.keyGroup <= before || run.keyGroup >= maxParallelism) throw corrupt('the index of a section does not ascend');
    before = run.keyGroup;
    length = run.end;
  }
  if (length !== section.length) throw corrupt('a section is not as long as its index says');
}

const sectionKinds = z.object({ sections: z.array(z.object({ kind: z.string() })) });
const knownKinds: readonly string[] = [...keyedKinds, 'operator'];

function refuseUnknownKinds(value: unknown): void {
  const unknown = sectionKinds.safeParse(value).data?.sections.find(({ kind }) => !knownKinds.includes(kind));
  if (unknown !== undefined) throw unsupported(`a section of kind "${unknown.kind}"`, `the kinds ${knownKinds.join(', ')}`);
}
