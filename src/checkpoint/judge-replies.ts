import type { SlotReply } from '../protocol/command.ts';
import type { FailureCause } from '../protocol/failure.ts';
import type { AbortReason } from '../protocol/transitions.ts';
import type { GroupReply, SlotLost } from './coordinator-command.ts';

/** What of a lost call's cause is kept. */
const causeCharactersMax = 600;

/**
 * Why an attempt lacks an acknowledgement, going by what the slots said: the first level that has a bad reply, since
 * the levels after it only suffer from it; within a level the program's own fault before all else.
 */
export function worstOf(levels: readonly (readonly GroupReply[])[]): AbortReason | undefined {
  for (const replies of levels) {
    const reasons = replies.map(reasonOf).filter((reason) => reason !== undefined);
    if (reasons.length > 0) return reasons.reduce((worst, next) => (weight(next) > weight(worst) ? next : worst));
  }
  return undefined;
}

/** Of a group's replies the one that `worstOf` would go by, short enough to travel beside those of all other groups. */
export function worstReply(replies: readonly (SlotReply | SlotLost)[]): GroupReply {
  let worst: GroupReply = { kind: 'well' };
  let most = -1;
  for (const reply of replies) {
    const reason = reasonOf(reply);
    if (reason === undefined || weight(reason) <= most) continue;
    worst = reply;
    most = weight(reason);
  }
  if (worst.kind !== 'lost' || worst.error.Cause === undefined) return worst;
  return { ...worst, error: { ...worst.error, Cause: causeText(worst.error.Cause).slice(0, causeCharactersMax) } };
}

function reasonOf(reply: GroupReply): AbortReason | undefined {
  switch (reply.kind) {
    case 'well':
    case 'prepared':
    case 'acknowledged':
      return undefined;
    case 'notReady':
    case 'handoverLost':
      return { kind: reply.kind };
    case 'failed':
      return { kind: 'failed', failure: reply.failure };
    case 'lost':
      return { kind: 'failed', failure: slotLost(reply) };
  }
}

function weight(reason: AbortReason): number {
  if (reason.kind === 'notReady') return 1;
  if (reason.kind === 'handoverLost') return 0;
  return reason.failure.domain === 'program' ? 3 : 2;
}

function slotLost(reply: SlotLost): FailureCause {
  return { ...errorOfWorkflow(reply.error, `slot ${reply.slot}`), code: 'SLOT_LOST' };
}

/** A workflow's Error and Cause as ours. Throttling and time-outs are for want of resources. */
export function errorOfWorkflow(error: { readonly Error?: string; readonly Cause?: string }, subject: string): FailureCause {
  const name = error.Error ?? 'unknown error';
  const starved = /Timeout|Timedout|TIMED_OUT|TooManyRequests|Throttl|OutOfMemory|ServiceException/.test(name);
  return {
    code: 'FUNCTION_FAILED',
    domain: starved ? 'resources' : 'external',
    message: `The call of ${subject} came to nothing: ${name}${error.Cause === undefined ? '' : `: ${causeText(error.Cause).slice(0, causeCharactersMax)}`}`,
    advice:
      'The job goes on from its latest checkpoint; if it keeps happening, look at what its functions said: weir logs, or their logs in CloudWatch.',
  };
}

/** Lambda puts what a function failed with into JSON: the message is what matters of it. */
function causeText(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause) as { readonly errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
}
