import type { EffectsMark, JobRecord } from './job-record.ts';

/** What a decision leaves to be done; see EffectsMark. */
export interface LeftToDo extends Partial<Pick<EffectsMark, 'answers' | 'publish' | 'ended' | 'releaseClaim' | 'takenBack'>> {}

/** Sets the mark or adds to it, under a new sequence: who carries out the one before can't clear it. */
export function addToMark(record: JobRecord, left: LeftToDo): JobRecord {
  const { effects: before, effectsSequence, latest } = record;
  const sequence = effectsSequence + 1;
  const ended = before?.ended ?? left.ended;
  const releaseClaim = before?.releaseClaim ?? left.releaseClaim;
  const takenBack = left.takenBack ?? before?.takenBack;
  const effects: EffectsMark = {
    sequence,
    checkpoint: latest.checkpoint,
    attempt: latest.attempt,
    publish: (before?.publish ?? false) || (left.publish ?? false),
    answers: [...(before?.answers ?? []), ...(left.answers ?? [])],
    ...(ended === undefined ? {} : { ended }),
    ...(releaseClaim === undefined ? {} : { releaseClaim }),
    ...(takenBack === undefined ? {} : { takenBack }),
  };
  return { ...record, effectsSequence: sequence, effects };
}

/**
 * Clears the mark after it was carried out. What becomes of the checkpoints of a job that has ended comes last, under a
 * mark of its own: the steps before read them. Nothing to write: it is another mark by now, or somebody else cleared it.
 */
export function clearEffects(record: JobRecord, mark: EffectsMark): JobRecord | undefined {
  if (record.effects?.sequence !== mark.sequence) return undefined;
  const { effects: _effects, ...rest } = record;
  return mark.ended === true && !onlyEnded(mark) ? addToMark(rest, { ended: true }) : rest;
}

/** Nothing else is left to do than to retain or delete the checkpoints of a job that has ended. */
export const onlyEnded = (mark: EffectsMark): boolean =>
  mark.ended === true && !mark.publish && mark.answers.length === 0 && mark.releaseClaim === undefined;
