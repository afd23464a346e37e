import { assert } from '../base/assert.ts';
import { WeirError } from '../base/errors.ts';
import { clearEffects, onlyEnded } from '../protocol/effects-mark.ts';
import { failureFrom } from '../protocol/failure.ts';
import type { JobDescription } from '../protocol/job-description.ts';
import type { EffectsMark, JobRecord } from '../protocol/job-record.ts';
import { releaseClaim } from '../savepoint/dispose-snapshot.ts';
import { endCheckpoints } from '../savepoint/end-checkpoints.ts';
import { answerRequests } from './answer-requests.ts';
import type { EffectsReply } from './coordinator-command.ts';
import type { CoordinatorParts } from './coordinator-parts.ts';
import { publishCommittables } from './publish-committables.ts';

/** Each round carries out what was added to the mark meanwhile; a job's mark changes a few times at most. */
const roundsMax = 10;

/**
 * Carries out what was decided, then clears the mark. Every step is done already or done now; run twice, at once or again
 * after any failure, it comes to the same.
 */
export async function commitEffects(parts: CoordinatorParts, jobId: string): Promise<EffectsReply> {
  try {
    const description = await parts.jobs.description(jobId);
    for (let round = 0; round < roundsMax; round++) {
      const record = await parts.jobs.record(jobId);
      const mark = record.effects;
      if (mark === undefined) return { kind: 'clear' };
      await carryOut(parts, description, record, mark);
      const cleared = await parts.jobs.update<boolean>(jobId, (current) => {
        const put = clearEffects(current, mark);
        return put === undefined ? { answer: current.effects === undefined } : { answer: put.effects === undefined, put };
      });
      if (cleared) return { kind: 'clear' };
    }
    throw new WeirError({
      code: 'JOB_RECORD_CONTENDED',
      domain: 'resources',
      message: `The effects of job ${jobId} changed ${roundsMax} times while they were being carried out.`,
      subject: { jobId },
    });
  } catch (error) {
    return { kind: 'failed', failure: failureFrom(error) };
  }
}

/** In this order: whoever is told that a savepoint is complete finds its output published and its record written. */
async function carryOut(parts: CoordinatorParts, description: JobDescription, record: JobRecord, mark: EffectsMark): Promise<void> {
  if (mark.publish) {
    const manifest = await parts.manifests.read(record.latest);
    assert(manifest !== undefined && manifest.attempt === mark.attempt, 'the effects mark names the latest checkpoint');
    await publishCommittables(parts, description, manifest);
  }
  await answerRequests(parts, description, record, mark.answers);
  if (mark.releaseClaim === true && description.restored !== undefined) {
    await releaseClaim(parts.cloud, { path: description.restored.path, jobId: description.jobId });
  }
  if (onlyEnded(mark)) await endCheckpoints(parts.cloud, description, record);
}
