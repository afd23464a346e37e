/** Pure: what tools say of snapshots, as lines for people. */

import type { OperatorDifference, SnapshotDifference } from '../../savepoint/diff-snapshots.ts';
import type { StoredItem } from '../../savepoint/explain-storage.ts';
import type { InspectedOperator, SnapshotInspection } from '../../savepoint/inspect-snapshot.ts';
import { bytes, count, plural } from '../units.ts';

const entries = (value: number): string => plural(value, 'entry', 'entries');
const segments = (of: { readonly count: number; readonly bytes: number }): string => `${plural(of.count, 'segment')}, ${bytes(of.bytes)}`;
const titleOf = ({ uid, name, operatorId }: { readonly uid?: string; readonly name: string; readonly operatorId: string }): string =>
  uid === undefined ? `"${name}" (no uid, id ${operatorId})` : `${uid}${uid === name ? '' : ` "${name}"`} (id ${operatorId})`;

export function renderInspection(of: SnapshotInspection): readonly string[] {
  const taken = of.createdAt === undefined ? 'brought from elsewhere' : `taken ${new Date(of.createdAt).toISOString()}`;
  const held = of.claims.filter(({ holds }) => holds).map(({ jobId, mode }) => `${jobId} (${mode})`);
  return [
    of.path,
    `  ${of.format} ${of.kind}${of.drained ? ', drained' : ''}, checkpoint ${of.checkpoint} of job ${of.jobName} (${of.jobId}), ${taken}`,
    `  state: ${entries(of.stateEntries)}, ${bytes(of.stateBytes)} in ${segments(of.segments)}; metadata ${bytes(of.metadataBytes)}, version ${of.version}`,
    `  ${of.selfContained ? 'self-contained: its directory may be moved' : 'points to segments of its job; not self-contained'}`,
    `  output listed: ${plural(of.effects.committables, 'committable')}, ${of.effects.done ? 'published' : 'not published yet: a restore does it first'}`,
    ...(held.length === 0 ? [] : [`  claimed by ${held.join(', ')}`]),
    ...of.vertices.flatMap((vertex) => [
      '',
      `${vertex.name}: parallelism ${vertex.parallelism}, max parallelism ${vertex.maxParallelism}, ${segments(vertex.segments)}${vertex.watermark === null ? '' : `, watermark ${watermark(vertex.watermark)}`}`,
      ...of.operators.filter(({ vertexId }) => vertexId === vertex.vertexId).flatMap(operatorLines),
    ]),
  ];
}

const watermark = (value: number): string =>
  Math.abs(value) <= 8.64e15 && value !== Number.MAX_SAFE_INTEGER ? new Date(value).toISOString() : String(value);

function operatorLines(operator: InspectedOperator): readonly string[] {
  const states = operator.states ?? [];
  return [
    `  ${titleOf(operator)}${operator.stateful ? '' : ', stateless'}`,
    ...states.map(({ name, kind, entries: of, bytes: size, schemaVersion }) => {
      const version = schemaVersion === undefined || schemaVersion === 1 ? '' : `, schema version ${schemaVersion}`;
      return `    ${kind}${name === '' ? '' : ` "${name}"`}: ${entries(of)}, ${bytes(size)}${version}`;
    }),
  ];
}

export function renderDifference({ before, after, operators, sameOperators, segments: of }: SnapshotDifference): readonly string[] {
  return [
    `from ${before.path}: checkpoint ${before.checkpoint} of job ${before.jobId}`,
    `to   ${after.path}: checkpoint ${after.checkpoint} of job ${after.jobId}`,
    '',
    ...operators.flatMap(differenceLines),
    `${plural(sameOperators, 'operator')} the same`,
    `segments: shared ${segments(of.shared)}; only before ${segments(of.onlyBefore)}; only after ${segments(of.onlyAfter)}`,
  ];
}

function differenceLines(of: OperatorDifference): readonly string[] {
  const numbers = [
    of.parallelism === undefined ? undefined : `parallelism ${of.parallelism[0]} -> ${of.parallelism[1]}`,
    of.maxParallelism === undefined ? undefined : `max parallelism ${of.maxParallelism[0]} -> ${of.maxParallelism[1]}`,
  ].filter((each) => each !== undefined);
  return [
    `${of.change.padEnd(8)} ${titleOf(of)}${numbers.length === 0 ? '' : `, ${numbers.join(', ')}`}`,
    ...of.states.map((state) => {
      const kind = state.kindAfter === undefined ? state.kind : `${state.kind} -> ${state.kindAfter}`;
      const size = `${count(state.entries[0])} -> ${entries(state.entries[1])}, ${bytes(state.bytes[0])} -> ${bytes(state.bytes[1])}`;
      return `  ${state.change.padEnd(8)} ${kind}${state.name === '' ? '' : ` "${state.name}"`}: ${size}`;
    }),
  ];
}

/** Every item, with who refers to it or why it may go; sums at the end. */
export function renderStorage(items: readonly StoredItem[]): readonly string[] {
  const sum = (kind: StoredItem['verdict']['kind']): string => {
    const of = items.filter(({ verdict }) => verdict.kind === kind);
    return `${plural(of.length, 'item')}, ${bytes(of.reduce((total, each) => total + each.bytes, 0))}`;
  };
  return [
    ...items.map(({ name, bytes: size, verdict }) => `${verdict.kind.padEnd(8)} ${bytes(size).padStart(9)}  ${name}: ${reasonOf(verdict)}`),
    `needed: ${sum('needed')}; garbage: ${sum('garbage')}; left alone: ${sum('left')}`,
  ];
}

const reasonOf = (verdict: StoredItem['verdict']): string => (verdict.kind === 'needed' ? verdict.by.join('; ') : verdict.why);
