import type { ChainedOperator, JobGraph } from '../graph/job-graph.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { hasState, type MatchedOperator, matchOperators, type OperatorMatches, type StoredOperator } from './match-operators.ts';
import { keyProblem } from './plan-keys.ts';
import { allStates, planStates } from './plan-states.ts';
import { capital, type PlannedVertex, planVertex } from './plan-vertices.ts';
import { nameOf, remark } from './remarks.ts';
import type { OperatorPlan, PlannedOperator, PlanRemark, RestoreFlags, RestorePlan } from './restore-plan.ts';

/**
 * Decides what becomes of everything that a snapshot holds when this job begins from it, before anything is touched. The
 * rules are Flink's (StateAssignmentOperation, Checkpoints.loadAndValidateCheckpoint), with these of ours:
 * named states that the program no longer declares are treated as dropped operators are; output that is committed but
 * not published may not be left behind; kinds, schema versions and declared types are compared here and not by a crash.
 */
export function planRestore(metadata: Manifest, graph: JobGraph, flags: RestoreFlags): RestorePlan {
  const matches = matchOperators(metadata, graph);
  const vertices = graph.vertices.map((vertex) =>
    planVertex(
      vertex,
      matches.operators.filter((each) => each.vertex === vertex),
    ),
  );
  const planned = matches.operators.map((each) => planOperator(each, vertices.find(({ vertex }) => vertex === each.vertex)!, flags));
  const dropped = matches.left.map((left) => planDropped(left, flags));
  const refusals = [
    ...notStored(metadata),
    ...takenTwice(matches),
    ...vertices.flatMap((vertex) => vertex.refusals),
    ...planned.flatMap((each) => each.refusals),
    ...dropped.flatMap((each) => each.refusals),
    ...(flags.effectsDone === true ? [] : outputWithoutSink(metadata, matches)),
  ];
  return {
    kind: refusals.length === 0 ? 'restorable' : 'refused',
    jobId: metadata.jobId,
    jobName: metadata.jobName,
    checkpoint: metadata.checkpoint,
    operators: [...planned, ...dropped].map(({ plan }) => plan),
    refusals,
    warnings: matches.operators.flatMap(warningsOf),
    maxParallelisms: Object.fromEntries(
      vertices.flatMap(({ vertex, maxParallelism }) =>
        maxParallelism?.adopted ? [[vertex.vertexId as string, maxParallelism.now] as const] : [],
      ),
    ),
  };
}

interface Planned {
  readonly plan: OperatorPlan;
  readonly refusals: readonly PlanRemark[];
}

function planOperator({ operator, vertex, from }: MatchedOperator, planned: PlannedVertex, flags: RestoreFlags): Planned {
  const now = operator.states ?? [];
  const head = { operator: shown(operator), vertexId: vertex.vertexId as string };
  if (from === undefined) return { plan: { ...head, outcome: 'new', states: allStates(now, 'new') }, refusals: [] };
  const parallelism = { before: from.vertex.parallelism, now: vertex.parallelism };
  const before = from.operator.states ?? (from.operator.stateful ? undefined : []);
  const { allowNonRestoredState } = flags;
  const { states, refusals } = planStates({ operator, before, now, parallelism, allowNonRestoredState });
  const keys = keyProblem(operator, from.operator);
  const all = keys === undefined ? refusals : [keys, ...refusals];
  // What may be left behind with -n doesn't make the operator incompatible.
  const bad = [...planned.refusals, ...all].some(({ rule }) => rule !== 'state-dropped');
  return {
    plan: {
      ...head,
      outcome: bad && hasState(from) ? 'incompatible' : 'restored',
      from: { ...shown(from.operator), by: from.by },
      parallelism,
      ...(planned.maxParallelism === undefined ? {} : { maxParallelism: planned.maxParallelism }),
      states,
    },
    refusals: all,
  };
}

function planDropped(left: StoredOperator, { allowNonRestoredState }: RestoreFlags): Planned {
  const { operator, vertex } = left;
  const states = allStates(operator.states ?? [], 'dropped');
  const plan: OperatorPlan = { operator: shown(operator), vertexId: vertex.vertexId, outcome: 'dropped', states };
  if (allowNonRestoredState || !hasState(left)) return { plan, refusals: [] };
  const message = `The snapshot has state of ${nameOf(operator)}, but the program has no such operator.`;
  const advice =
    operator.uid === undefined
      ? `Give the operator that takes it over .setUidHash("${operator.operatorId}"), or restore with --allowNonRestoredState (-n) to leave it behind.`
      : `Give one operator the uid "${operator.uid}", or restore with --allowNonRestoredState (-n) to leave it behind.`;
  return { plan, refusals: [remark('operator-dropped', operator, message, advice)] };
}

/** Only the first checkpoint of a restored job knows where all of its operator state is. */
function notStored(metadata: Manifest): readonly PlanRemark[] {
  return metadata.vertices.flatMap((vertex) => {
    if (!vertex.subtasks.some(({ dealt }) => dealt)) return [];
    const [operator] = vertex.operators;
    const message = `The snapshot is of a job that had itself just begun from another one and had not stored the state of vertex "${vertex.name}" yet.`;
    return [remark('not-stored-yet', operator!, message, 'Restore from its next checkpoint, or from what it began from.')];
  });
}

function takenTwice({ operators }: OperatorMatches): readonly PlanRemark[] {
  const taken = new Map<string, ChainedOperator>();
  return operators.flatMap(({ operator, from }) => {
    if (from === undefined || !hasState(from)) return [];
    const other = taken.get(from.operator.operatorId);
    taken.set(from.operator.operatorId, operator);
    if (other === undefined) return [];
    const message = `${capital(nameOf(other))} and ${nameOf(operator)} would both go on with the state of ${nameOf(from.operator)}.`;
    return [remark('taken-twice', operator, message, 'Take the uid hash or the uid from one of them.')];
  });
}

/** What was committed must become visible, so its sink may not be missing, whatever is allowed. */
function outputWithoutSink(metadata: Manifest, { operators }: OperatorMatches): readonly PlanRemark[] {
  const sinks = new Set(operators.filter(({ operator }) => operator.kind === 'sink').map(({ from }) => from?.operator.operatorId));
  const lists = (operatorId: string) =>
    metadata.vertices.some((vertex) =>
      vertex.subtasks.some((subtask) => subtask.committables.some((each) => each.operatorId === operatorId && each.items.length > 0)),
    );
  return metadata.vertices
    .flatMap((vertex) => vertex.operators)
    .filter((operator) => lists(operator.operatorId) && !sinks.has(operator.operatorId))
    .map((operator) =>
      remark(
        'output-dropped',
        operator,
        `The snapshot has output of ${nameOf(operator)} that is committed but not published yet, and the program has no such sink.`,
        'Keep the sink until the job has been restored once; --allowNonRestoredState does not apply to output.',
      ),
    );
}

function warningsOf({ operator, from }: MatchedOperator): readonly PlanRemark[] {
  if (operator.uid !== undefined || from?.by === 'uidHash') return [];
  if (from !== undefined && hasState(from) && from.operator.name !== operator.name) {
    const message = `State of ${nameOf(from.operator)} goes to ${nameOf(operator)}: their ids, which follow from their place in the graph, are the same, but their names differ.`;
    return [remark('other-operator-now', operator, message, 'See that this is what you want; give both programs uids, or use setUidHash.')];
  }
  if (!operator.stateful) return [];
  const message = `${capital(nameOf(operator))} has state but no uid: its id follows from its place in the graph.`;
  return [remark('no-uid', operator, message, 'Give it a uid: .uid("...").')];
}

const shown = ({ operatorId, uid, name }: PlannedOperator): PlannedOperator => ({
  operatorId,
  name,
  ...(uid === undefined ? {} : { uid }),
});
