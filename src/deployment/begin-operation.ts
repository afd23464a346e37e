import { limits } from '../base/limits.ts';
import type { DeploymentOperation, DeploymentRecord, DeploymentTarget, SavepointSchedule } from '../protocol/deployment-record.ts';
import { toBeStopped } from './upgrade-transitions.ts';

export interface BeginRequest {
  readonly deployment: string;
  /** Of the request: asking again under the same id changes nothing. */
  readonly id: string;
  readonly owner: string;
  readonly kind: DeploymentOperation['kind'];
  /** Missing for a deletion. */
  readonly target?: DeploymentTarget;
  readonly goingBack?: boolean;
  /** Null: savepoints by the clock come to an end. Missing: as before. */
  readonly schedule?: SavepointSchedule | null;
}

export interface BeginInput {
  readonly now: number;
  readonly programId: string | undefined;
  readonly fingerprint: string | undefined;
}

export type BeginOutcome =
  /** It is in flight, or was. */
  | { readonly kind: 'known' }
  | { readonly kind: 'taken'; readonly owner: string }
  /** A deletion of what is not there, or belongs to somebody else. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'begin'; readonly record: DeploymentRecord };

/**
 * Puts a new operation in the place of the one in flight, which is fenced off by that: what it had begun is taken over, and
 * brought to an end first.
 */
export function beginOperation(before: DeploymentRecord | undefined, request: BeginRequest, input: BeginInput): BeginOutcome {
  const { deployment: name, id, owner, kind } = request;
  const foreign = before !== undefined && before.deleted !== true && before.owner !== owner;
  if (before?.operation?.id === id || before?.last?.id === id || before?.past.includes(id) === true) return { kind: 'known' };
  if (kind === 'delete' && (before === undefined || before.deleted === true || foreign)) return { kind: 'nothing' };
  if (foreign) return { kind: 'taken', owner: before.owner };
  const fresh: DeploymentRecord = { name, owner, past: [], programs: [], retiring: [], functions: [] };
  const { deleted: _deleted, ...known } = before ?? fresh;
  const target = request.target ?? known.operation?.target ?? known.target;
  if (target === undefined) return { kind: 'nothing' };
  const operation = newOperation(known, { ...request, target }, input);
  const { schedule: _schedule, ...unscheduled } = known;
  const schedule = kind === 'delete' || request.schedule === null ? undefined : (request.schedule ?? known.schedule);
  const { programId } = input;
  return {
    kind: 'begin',
    record: {
      ...unscheduled,
      owner,
      operation,
      target: known.target ?? target,
      ...(schedule === undefined ? {} : { schedule }),
      past: [...known.past, ...(known.operation === undefined ? [] : [known.operation.id])].slice(-limits.pastOperationsMax),
      programs: programId === undefined ? known.programs : [...new Set([...known.programs, programId])],
      functions: [...new Set([...known.functions, ...functionsOf(target)])],
    },
  };
}

function newOperation(
  record: DeploymentRecord,
  { deployment, id, kind, target, goingBack = false }: BeginRequest & { readonly target: DeploymentTarget },
  { now, programId, fingerprint }: BeginInput,
): DeploymentOperation {
  const before = record.operation;
  const operation: DeploymentOperation = {
    id,
    kind,
    goingBack,
    target,
    stage: kind === 'delete' ? 'stop' : 'publish',
    begunAt: now,
    stageAt: now,
    ...(programId === undefined ? {} : { programId }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
  };
  if (before === undefined || !hasTouched(before))
    return kind === 'delete' ? toBeStopped(operation, { deployment, holder: record.job, now }) : operation;
  const { old, ending, back, job } = before;
  return {
    ...operation,
    stage: 'settle',
    ...(old === undefined ? {} : { old }),
    ...(ending === undefined || back !== undefined ? {} : { ending }),
    ...(back === undefined ? {} : { back }),
    ...(job === undefined ? {} : { job }),
  };
}

/** Whether an operation may have asked something of a job, or begun one. */
const hasTouched = ({ ending, back, job }: DeploymentOperation): boolean => ending !== undefined || back !== undefined || job !== undefined;

export const functionsOf = ({ source }: DeploymentTarget): readonly string[] =>
  source.kind === 'functions' ? [...source.slotFunctions, source.coordinatorFunction] : [];
