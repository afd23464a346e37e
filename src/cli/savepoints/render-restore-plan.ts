/** Pure: a restore plan as lines for people. */
import type { RestorePlanView } from '../../control-api/snapshot-views.ts';
import { bytes, plural } from '../units.ts';

type Operator = RestorePlanView['operators'][number];

export function renderRestorePlan(path: string, plan: RestorePlanView): readonly string[] {
  const head = `${path}: checkpoint ${plan.checkpoint} of job ${plan.jobName} (${plan.jobId})`;
  const remarks = (title: string, list: RestorePlanView['refusals']) =>
    list.length === 0 ? [] : ['', title, ...list.flatMap(({ message, advice }) => [`  ${message}`, `    ${advice}`])];
  return [
    head,
    '',
    ...plan.operators.flatMap(operatorLines),
    ...remarks('Warnings', plan.warnings),
    ...remarks('Refused', plan.refusals),
    '',
    plan.kind === 'restorable' ? 'A restore would go through.' : 'A restore would be refused.',
  ];
}

function operatorLines(plan: Operator): readonly string[] {
  const { operator, outcome, from, parallelism, maxParallelism } = plan;
  const facts = [
    from === undefined ? undefined : foundBy(from, operator),
    parallelism === undefined || parallelism.before === parallelism.now
      ? undefined
      : `parallelism ${parallelism.before} -> ${parallelism.now}`,
    maxParallelism === undefined || maxParallelism.before === maxParallelism.now
      ? undefined
      : `max parallelism ${maxParallelism.before} -> ${maxParallelism.now}`,
    maxParallelism?.adopted === true ? `max parallelism ${maxParallelism.now} adopted` : undefined,
  ].filter((fact) => fact !== undefined);
  const title = `${outcome.padEnd(12)} ${titleOf(operator)}${facts.length === 0 ? '' : `, ${facts.join(', ')}`}`;
  return [title, ...plan.states.map(stateLine)];
}

const titleOf = ({ uid, name, operatorId }: Operator['operator']): string =>
  uid === undefined ? `"${name}" (no uid, id ${operatorId})` : `${uid}${uid === name ? '' : ` "${name}"`}`;

function foundBy(from: NonNullable<Operator['from']>, operator: Operator['operator']): string {
  if (from.by === 'uid') return 'by uid';
  if (from.by === 'uidHash') return `by uid hash, from ${titleOf(from)}`;
  return from.name === operator.name ? 'by its place in the graph' : `by its place in the graph, from "${from.name}"`;
}

function stateLine({ name, kind, outcome, entries, bytes: size, migrated }: Operator['states'][number]): string {
  const what = name === '' ? kind : `${kind} "${name}"`;
  const held = entries === undefined ? '' : `, ${plural(entries, 'entry', 'entries')}${size === undefined ? '' : `, ${bytes(size)}`}`;
  const version = migrated === undefined ? '' : `, schema version ${migrated.from} -> ${migrated.to}`;
  return `  ${outcome.padEnd(12)} ${what}${held}${version}`;
}
