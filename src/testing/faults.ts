/**
 * What may go wrong at a port call, and why the system must survive it.
 *
 * Records (DynamoDB) and objects (S3). A request may fail before it got there, or its reply may be lost on the way back:
 * to the caller both are the same error. The client library repeats requests by itself, so a write may happen twice, and
 * the first try may arrive long after the second was answered. A request may take longer than every time-out.
 * Nothing torn, nothing forgotten, nothing read stale: the services promise that, and Weir relies on it.
 *
 * Functions (Lambda). A call may be throttled; its environment, with all the memory in it, may be gone before, while or
 * after it works; the service may call twice, at once, in two environments; a caller may give up on a call that then goes
 * on for minutes, and comes back to serve later calls with the memory of long ago. All of this happens on AWS without
 * anybody's fault: memory is a cache, and a call proves nothing until a record says so.
 *
 * Workflows (Step Functions). An Express run is at-least-once: it may be lost or run twice at once. The driver's own
 * execution may be stopped or lost, while what it had started goes on: then two generations work at the same time.
 *
 * What is not injected: an object or record that changes by itself (checksums are tested by their rooms), and a clock
 * that lies (nothing correct depends on the clock).
 */
import { type Random, seededRandom } from '../base/random.ts';

export type FaultKind =
  /** The call fails, and has no effect. */
  | 'errorBefore'
  /** Refused for want of capacity, under the name that says so. */
  | 'throttled'
  /** The call has its effect, and its reply is lost. */
  | 'errorAfter'
  /** The call fails, and has its effect later. */
  | 'errorLate'
  /** The call takes long before it has its effect. */
  | 'delay'
  /** The call happens twice: a hidden retry, a service that delivers at least once. Of functions and runs: at once. */
  | 'doubled'
  /** The call succeeds, and happens once more, later. */
  | 'echo'
  /** The environment that makes the call (for a call of a function: the one that is called) is gone before it has an effect. */
  | 'loseEnvironment'
  /** The environment is gone after the effect, before it can know. */
  | 'loseEnvironmentAfter'
  /** The caller is told of a time-out, while the call goes on slowly and ends late. */
  | 'zombie'
  /** The workflow execution that makes the call is lost; the call itself goes on. */
  | 'loseExecution';

/** Every kind, for tests that go through them all. */
export const faultKinds: readonly FaultKind[] = [
  'errorBefore',
  'throttled',
  'errorAfter',
  'errorLate',
  'delay',
  'doubled',
  'echo',
  'loseEnvironment',
  'loseEnvironmentAfter',
  'zombie',
  'loseExecution',
];

export interface Fault {
  readonly kind: FaultKind;
  /** How long, in virtual time, what is late is late. Default: `lateMs`. */
  readonly ms?: number;
}

/** Past the time-outs of tasks and levels, within those of a run. */
export const lateMs = 100_000;

/** One call of a port, as fault plans see it. */
export interface PortCall {
  /** 0, 1, 2, ... over the whole run, in the order in which the calls began. */
  readonly index: number;
  readonly operation: Operation;
  /** The record, object, function or workflow. */
  readonly target: string;
  /** Who calls: an environment of a function, an execution of a workflow, or `outside`. */
  readonly from: string;
  readonly callerKind: CallerKind;
}

export type CallerKind = 'environment' | 'execution' | 'outside';

export type Operation =
  | `records.${'get' | 'getMany' | 'put' | 'delete' | 'query'}`
  | `objects.${'put' | 'get' | 'head' | 'list' | 'publish' | 'delete'}`
  | `workflows.${'start' | 'status' | 'sendTaskSuccess' | 'stop' | 'startSyncExecution'}`
  | `versions.${'codeOf' | 'publish' | 'stateOf' | 'deleteVersion' | 'deleteFunction'}`
  | `machines.${'create' | 'delete'}`
  | 'functions.invoke';

/** What happens at a call; nothing: it just works. */
export type FaultPlan = (call: PortCall) => Fault | undefined;

const reads = new Set<Operation>([
  'records.get',
  'records.getMany',
  'records.query',
  'objects.get',
  'objects.head',
  'objects.list',
  'workflows.status',
  'versions.codeOf',
  'versions.stateOf',
]);

/** The kinds of fault that can happen at a call. */
export function faultKindsOf(call: Pick<PortCall, 'operation' | 'callerKind'>): readonly FaultKind[] {
  const ofCaller: readonly FaultKind[] = call.callerKind === 'environment' ? ['loseEnvironment', 'loseEnvironmentAfter'] : [];
  if (call.operation === 'functions.invoke') {
    const lost: readonly FaultKind[] = call.callerKind === 'execution' ? ['loseExecution'] : [];
    return ['errorBefore', 'throttled', 'errorAfter', 'delay', 'doubled', 'loseEnvironment', 'loseEnvironmentAfter', 'zombie', ...lost];
  }
  if (call.operation === 'workflows.startSyncExecution')
    return ['errorBefore', 'throttled', 'errorAfter', 'delay', 'doubled', 'zombie', 'loseExecution'];
  if (reads.has(call.operation)) return ['errorBefore', 'throttled', 'errorAfter', 'delay', ...ofCaller];
  return ['errorBefore', 'throttled', 'errorAfter', 'errorLate', 'delay', 'doubled', 'echo', ...ofCaller];
}

export const noFaults: FaultPlan = () => undefined;

/** These faults at the calls with these indexes. A kind that can't happen at its call does not happen. */
export function faultsAt(faults: { readonly [index: number]: Fault | FaultKind }): FaultPlan {
  return (call) => {
    const planned = faults[call.index];
    if (planned === undefined) return undefined;
    const fault = typeof planned === 'string' ? { kind: planned } : planned;
    return faultKindsOf(call).includes(fault.kind) ? fault : undefined;
  };
}

/** `count` faults of kinds drawn by the seed, at calls drawn from the first `among`. The same seed is the same plan. */
export function scatteredFaults(of: { readonly seed: number | string; readonly count: number; readonly among: number }): FaultPlan {
  const random = seededRandom(`faults ${of.seed}`);
  const drawn = new Map<number, number>();
  while (drawn.size < Math.min(of.count, of.among)) drawn.set(Math.floor(random.fraction() * of.among), random.fraction());
  const delays = seededRandom(`delays ${of.seed}`);
  return (call) => {
    const draw = drawn.get(call.index);
    return draw === undefined ? undefined : faultFrom(call, draw, delays);
  };
}

/** A fault at each call with this probability, until so many calls were made: then it is quiet, so that a run can end. */
export function randomFaults(of: { readonly seed: number | string; readonly probability: number; readonly untilCall?: number }): FaultPlan {
  const random = seededRandom(`faults ${of.seed}`);
  const untilCall = of.untilCall ?? 2_000;
  return (call) => {
    if (call.index >= untilCall || random.fraction() >= of.probability) return undefined;
    return faultFrom(call, random.fraction(), random);
  };
}

/** Short, longer than a task may take, longer than a run may take. */
const delaysMs = [1_500, lateMs, 400_000] as const;

function faultFrom(call: PortCall, draw: number, random: Random): Fault {
  const kinds = faultKindsOf(call);
  const kind = kinds[Math.floor(draw * kinds.length)]!;
  return { kind, ms: delaysMs[Math.floor(random.fraction() * delaysMs.length)]! };
}
