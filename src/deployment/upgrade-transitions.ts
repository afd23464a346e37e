/**
 * What comes next in an operation, by its stage and what was found there: pure. Whoever calls it has looked and acted
 * (upgrade-stages.ts), and puts the result in place of the operation on condition that it is still the one in flight.
 *
 * 1. Nothing is asked of the job that runs before the plan said yes.
 * 2. From the moment it was asked to end until something runs again, `back` says where it would begin: no way out of the
 *    table leaves nothing running, but for what can't be started at all, and then the words name the snapshot.
 * 3. A stage is never entered twice, but for `plan`; so what a stage does belongs to it alone, and is done before the next.
 */
import { limits } from '../base/limits.ts';
import type { DeploymentOperation, OperationOutcome, StartPoint, UpgradeStage } from '../protocol/deployment-record.ts';
import { derivedId } from '../protocol/names.ts';
import { words } from './words.ts';

export type Observation =
  /** Not yet. `words`: what it waits for. */
  | { readonly kind: 'waiting'; readonly words: string }
  /** The job has ended, and is still to carry out what its end made inevitable: nothing else may begin before. */
  | { readonly kind: 'ending'; readonly words: string }
  /** What was left half-done is over. `from`: nothing runs, and this is where it was. */
  | { readonly kind: 'settled'; readonly from?: StartPoint }
  | { readonly kind: 'published'; readonly programId: string }
  /** It can't be done, and nothing was touched. */
  | { readonly kind: 'refused'; readonly words: string }
  | { readonly kind: 'runsAlready'; readonly jobId: string }
  /** The job was ended by hand or has read all its input. */
  | { readonly kind: 'staysEnded'; readonly jobId: string; readonly status: string }
  /** No job runs, and one may begin here. */
  | { readonly kind: 'mayBegin'; readonly from: StartPoint }
  /** The job that runs may give way. */
  | { readonly kind: 'mayReplace'; readonly jobId: string }
  /** The job was ended as asked; here it stands. */
  | { readonly kind: 'ended'; readonly at: StartPoint }
  /** The job ended before it could be asked, or there is none. `kept`: its latest checkpoint, which is retained. */
  | { readonly kind: 'endedByItself'; readonly kept?: string }
  /** No savepoint could be taken; the job goes on. */
  | { readonly kind: 'noSavepoint'; readonly words: string }
  | { readonly kind: 'submitted'; readonly jobId: string }
  | { readonly kind: 'startRefused'; readonly words: string }
  | { readonly kind: 'checkpointed'; readonly jobId: string; readonly checkpoint: number }
  | { readonly kind: 'jobFailed'; readonly words: string }
  | { readonly kind: 'canceledByHand'; readonly jobId: string }
  | { readonly kind: 'undone' }
  | { readonly kind: 'removed'; readonly words: string };

export type Next =
  | { readonly kind: 'stay'; readonly words: string }
  | { readonly kind: 'go'; readonly operation: DeploymentOperation }
  | {
      readonly kind: 'end';
      readonly outcome: OperationOutcome['outcome'];
      readonly words: string;
      readonly jobId?: string;
      readonly savepoint?: string;
      /** The target is what the deployment runs from now on, or would run next. */
      readonly adopted?: true;
    };

export interface TransitionContext {
  readonly deployment: string;
  /** The job that holds the slots, or held them last. */
  readonly holder: string | undefined;
  readonly now: number;
}

/** Stages of taking back come after the time for the upgrade itself is over, and have time of their own. */
const ownTime: ReadonlySet<UpgradeStage> = new Set(['undo', 'resume']);

/** Whether a stage has waited long enough. */
export function isLate({ kind, stage, stageAt, begunAt, target }: DeploymentOperation, now: number): boolean {
  if (kind === 'delete') return now - stageAt > limits.deleteStopMsMax;
  if (ownTime.has(stage)) return now - stageAt > limits.undoMsMax;
  return now - begunAt > (target.timeoutMs ?? limits.upgradeMsDefault);
}

export function nextOf(operation: DeploymentOperation, found: Observation, context: TransitionContext): Next {
  if (found.kind === 'ending' && operation.kind !== 'delete') return { kind: 'stay', words: found.words };
  if ((found.kind === 'waiting' || found.kind === 'ending') && !isLate(operation, context.now)) return { kind: 'stay', words: found.words };
  return stages[operation.stage](operation, found, context);
}

type Transition = (operation: DeploymentOperation, found: Observation, context: TransitionContext) => Next;

const go = (operation: DeploymentOperation, stage: UpgradeStage, { now }: TransitionContext): Next => ({
  kind: 'go',
  operation: { ...operation, stage, stageAt: now },
});

const snapshotOf = (point: StartPoint | undefined): string | undefined => (point?.kind === 'snapshot' ? point.path : undefined);

/** A stack that goes back must not fail over what can't be done: it would be stuck. */
function end(operation: DeploymentOperation, outcome: OperationOutcome['outcome'], said: string, jobId?: string): Next {
  const savepoint = snapshotOf(operation.back);
  return {
    kind: 'end',
    outcome: operation.goingBack ? 'succeeded' : outcome,
    words: said,
    ...(jobId === undefined ? {} : { jobId }),
    ...(savepoint === undefined ? {} : { savepoint }),
  };
}

/** Nothing was touched, or the job of before has to come back. */
function giveUp(operation: DeploymentOperation, why: string, context: TransitionContext): Next {
  if (operation.back !== undefined && operation.old !== undefined) return bringBack({ ...operation, failure: why }, context);
  if (operation.kind === 'delete') return go(operation, 'remove', context);
  if (operation.goingBack) return end(operation, 'failed', words.staysInstead(why));
  return end(operation, 'failed', operation.kind === 'update' && context.holder !== undefined ? words.untouched(why) : why);
}

function bringBack(operation: DeploymentOperation, context: TransitionContext): Next {
  const job = derivedId(context.deployment, operation.id, 'resumed job');
  return go({ ...operation, job }, 'resume', context);
}

/** Of a deletion: the job that holds the slots is the one to end. */
export function toBeStopped(operation: DeploymentOperation, { deployment, holder }: TransitionContext): DeploymentOperation {
  if (holder === undefined) return operation;
  return { ...operation, ending: { jobId: holder, savepoint: derivedId(deployment, operation.id, holder) } };
}

/** What was asked for is done. */
function succeed(operation: DeploymentOperation, said: string, jobId?: string): Next {
  const ended = end(operation, 'succeeded', said, jobId);
  return ended.kind === 'end' ? { ...ended, adopted: true } : ended;
}

const begin = (operation: DeploymentOperation, from: StartPoint, context: TransitionContext): Next =>
  go({ ...operation, from, job: derivedId(context.deployment, operation.id, 'job') }, 'start', context);

/** Of a deletion: what its words name. */
const keeping = (operation: DeploymentOperation, kept: string | undefined): DeploymentOperation =>
  kept === undefined ? operation : { ...operation, back: { kind: 'snapshot', path: kept } };

/** `old` and `ending` are of the job that goes on: nothing was asked of it. */
function untouched({ old: _old, ending: _ending, ...operation }: DeploymentOperation): DeploymentOperation {
  return operation;
}

const stages: Readonly<Record<UpgradeStage, Transition>> = {
  settle(operation, found, context) {
    const { job: _job, ending: _ending, ...rest } = operation;
    const next = operation.kind === 'delete' ? 'stop' : 'publish';
    if (found.kind === 'settled') {
      if (found.from !== undefined) return go({ ...rest, back: found.from }, operation.kind === 'delete' ? 'remove' : next, context);
      const { old: _old, back: _back, from: _from, ...fresh } = rest;
      return operation.kind === 'delete' ? go(toBeStopped(fresh, context), next, context) : go(fresh, next, context);
    }
    const { back: _back, ...unknown } = operation;
    return giveUp(unknown, words.unsettled(found), context);
  },

  publish(operation, found, context) {
    if (found.kind !== 'published') return giveUp(operation, words.of(found), context);
    const published = { ...operation, programId: found.programId };
    if (operation.target.mode !== 'manual') return go(published, 'plan', context);
    if (operation.back !== undefined && operation.old !== undefined) return bringBack(published, context);
    return succeed(published, words.publishedOnly(found.programId));
  },

  plan(operation, found, context) {
    switch (found.kind) {
      case 'runsAlready':
        return succeed(operation, words.runsAlready(found.jobId), found.jobId);
      case 'staysEnded':
        return succeed(operation, words.staysEnded(found.jobId, found.status));
      case 'mayBegin':
        return begin(operation, found.from, context);
      case 'mayReplace': {
        const { jobId } = found;
        const savepoint = operation.target.mode === 'savepoint' ? { savepoint: derivedId(context.deployment, operation.id, jobId) } : {};
        const asked = { ...operation, old: jobId, ending: { jobId, ...savepoint } };
        return go(asked, operation.target.mode === 'savepoint' ? 'stop' : 'cancel', context);
      }
      default:
        return giveUp(operation, words.of(found), context);
    }
  },

  stop(operation, found, context) {
    if (found.kind === 'ended') {
      const ended = { ...operation, back: found.at };
      return operation.kind === 'delete' ? go(ended, 'remove', context) : begin(ended, found.at, context);
    }
    if (found.kind === 'endedByItself')
      return operation.kind === 'delete'
        ? go(keeping(operation, found.kept), 'remove', context)
        : go(untouched(operation), 'plan', context);
    if (operation.kind === 'delete') {
      const { ending } = operation;
      return ending === undefined
        ? go(operation, 'remove', context)
        : go({ ...operation, ending: { jobId: ending.jobId } }, 'cancel', context);
    }
    return giveUp(operation, words.of(found), context);
  },

  cancel(operation, found, context) {
    if (found.kind === 'ended') {
      const ended = { ...operation, back: found.at };
      if (operation.kind === 'delete') return go(ended, 'remove', context);
      return begin(ended, operation.target.mode === 'stateless' ? { kind: 'nothing' } : found.at, context);
    }
    if (operation.kind === 'delete')
      return go(keeping(operation, found.kind === 'endedByItself' ? found.kept : undefined), 'remove', context);
    if (found.kind === 'endedByItself') return go(untouched(operation), 'plan', context);
    return giveUp(operation, words.of(found), context);
  },

  start(operation, found, context) {
    if (found.kind === 'submitted') return go(operation, 'watch', context);
    if (found.kind !== 'startRefused') return go({ ...operation, failure: words.of(found) }, 'undo', context);
    if (operation.back !== undefined && operation.old !== undefined) return bringBack({ ...operation, failure: found.words }, context);
    return end(operation, 'failed', found.words);
  },

  watch(operation, found, context) {
    switch (found.kind) {
      case 'checkpointed':
        return succeed(operation, words.upgraded(operation, found.jobId, found.checkpoint), found.jobId);
      case 'canceledByHand':
        return succeed(operation, words.canceledByHand(found.jobId, snapshotOf(operation.back)));
      default:
        return go({ ...operation, failure: words.noCheckpoint(words.of(found)) }, 'undo', context);
    }
  },

  undo(operation, found, context) {
    if (found.kind === 'checkpointed') return succeed(operation, words.upgraded(operation, found.jobId, found.checkpoint), found.jobId);
    if (operation.old !== undefined && operation.back !== undefined) return bringBack(operation, context);
    return end(operation, 'failed', words.undone(operation.failure ?? words.of(found), snapshotOf(operation.from)));
  },

  resume(operation, found) {
    const path = snapshotOf(operation.back);
    if (found.kind !== 'submitted') return end(operation, 'failed', words.lost(operation.failure, operation.old!, path, words.of(found)));
    if (operation.failure === undefined) return succeed(operation, words.broughtBack(found.jobId, path), found.jobId);
    const said = words.resumed(operation.failure, found.jobId, path);
    return end(operation, 'failed', said, found.jobId);
  },

  remove: (operation, found) => end(operation, 'succeeded', words.removed(words.of(found), snapshotOf(operation.back))),
};
