import type { DeclaredState } from '../graph/job-graph.ts';
import type { ManifestState } from '../protocol/manifest.ts';
import { typeChange } from '../values/type-change.ts';
import { mustBePlaced } from './match-operators.ts';
import { describeState, nameOf, remark } from './remarks.ts';
import type { Change, PlannedOperator, PlanRemark, StatePlan } from './restore-plan.ts';

export interface StatesInput {
  readonly operator: PlannedOperator;
  /** As the snapshot has them; missing: it does not say. */
  readonly before: readonly ManifestState[] | undefined;
  readonly now: readonly DeclaredState[];
  readonly parallelism: Change;
  readonly allowNonRestoredState: boolean;
}

export interface PlannedStates {
  readonly states: readonly StatePlan[];
  readonly refusals: readonly PlanRemark[];
}

/** What becomes of the named states of an operator that the snapshot knows. */
export function planStates(input: StatesInput): PlannedStates {
  const refusals: PlanRemark[] = [];
  const before = new Map((input.before ?? []).map((state) => [keyOf(state), state]));
  const states = input.now.map((declared): StatePlan => {
    const stored = before.get(keyOf(declared));
    before.delete(keyOf(declared));
    if (stored === undefined) {
      const { name, kind } = declared;
      return { name, kind, outcome: input.before === undefined ? 'restored' : 'new' };
    }
    const problem = problemOf(input, stored, declared);
    if (problem !== undefined) refusals.push(problem);
    return {
      ...counted(stored),
      kind: declared.kind,
      outcome: problem === undefined ? 'restored' : 'incompatible',
      ...migration(stored, declared),
    };
  });
  for (const stored of before.values()) {
    if (!mustBePlaced(stored)) continue;
    states.push({ ...counted(stored), outcome: 'dropped' });
    if (!input.allowNonRestoredState) refusals.push(dropped(input.operator, stored));
  }
  return { states, refusals };
}

/** The states of an operator that the snapshot does not know, or that only it knows. */
export const allStates = (states: readonly (DeclaredState | ManifestState)[], outcome: 'new' | 'dropped'): readonly StatePlan[] =>
  states.map((state) => ({
    name: state.name,
    kind: state.kind,
    outcome,
    ...('entries' in state ? { entries: state.entries, bytes: state.bytes } : {}),
  }));

/** Timers are named by their time domain, which may be the name of a state too. */
const keyOf = ({ kind, name }: Pick<StatePlan, 'kind' | 'name'>): string => `${kind === 'timers' ? 'timers' : 'state'} ${name}`;

const counted = ({ name, kind, entries, bytes }: ManifestState) => ({ name, kind, entries, bytes });

function migration(stored: ManifestState, declared: DeclaredState): Pick<StatePlan, 'migrated'> {
  const change = versionsOf(stored, declared);
  return stored.entries > 0 && change.before < change.now ? { migrated: { from: change.before, to: change.now } } : {};
}

const versionsOf = (stored: ManifestState, declared: DeclaredState): Change => ({
  before: stored.schemaVersion ?? 1,
  now: declared.schemaVersion ?? 1,
});

/** Why a state can't go on; nothing if it can. One without entries always can. */
function problemOf({ operator, parallelism }: StatesInput, stored: ManifestState, declared: DeclaredState): PlanRemark | undefined {
  if (stored.entries === 0) return undefined;
  const what = `${describeState(stored)} of ${nameOf(operator)}`;
  const refuse = (rule: PlanRemark['rule'], message: string, advice: string) => remark(rule, operator, message, advice, stored.name);
  if (stored.kind !== declared.kind) {
    return refuse(
      'state-kind-changed',
      `The ${what} is declared as ${declared.kind}, but the snapshot has it as ${stored.kind}.`,
      'Give the new state another name, and restore with --allowNonRestoredState if the old one may go.',
    );
  }
  if (stored.kind === 'subtask' && parallelism.before !== parallelism.now) {
    return refuse(
      'parallelism-fixed',
      `The ${what} belongs to subtasks and can't be dealt out anew: it needs parallelism ${parallelism.before}, but the operator has ${parallelism.now}.`,
      `Set the operator's parallelism to ${parallelism.before} (.setParallelism), or keep what it holds in splitListState() or unionListState() before you take the savepoint.`,
    );
  }
  const version = versionsOf(stored, declared);
  if (version.before > version.now) {
    return refuse(
      'schema-version-older',
      `The ${what} is declared with schema version ${version.now}, but the snapshot has values of version ${version.before}.`,
      'Restore with the program that knows that version, or declare it and read its values.',
    );
  }
  if (version.before < version.now) return declared.migrates ? undefined : withoutMigrate(refuse, what, version);
  const change = typeChange(stored.types, declared.types);
  if (change === undefined) return undefined;
  return refuse(
    'value-type-changed',
    `The values of ${what} are declared as ${change.now}${change.at}, but the snapshot has ${change.before}.`,
    `Declare version: ${version.now + 1} and migrate: (old, fromVersion) => ..., or give the state another name.`,
  );
}

function withoutMigrate(
  refuse: (rule: PlanRemark['rule'], message: string, advice: string) => PlanRemark,
  what: string,
  { before, now }: Change,
) {
  return refuse(
    'schema-version-without-migrate',
    `The ${what} is declared with schema version ${now}, but the snapshot has values of version ${before} and the state no migrate function.`,
    `Declare migrate: (old, fromVersion) => ... beside version: ${now}.`,
  );
}

function dropped(operator: PlannedOperator, state: ManifestState): PlanRemark {
  return remark(
    'state-dropped',
    operator,
    `The snapshot has ${describeState(state)} of ${nameOf(operator)} (${state.entries} entries), but the program no longer declares it.`,
    'Declare it again, or restore with --allowNonRestoredState (-n) to leave it behind.',
    state.name,
  );
}
