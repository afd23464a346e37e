import type { StoredRecord } from '../../cloud/index.ts';
import { isTerminal, type JobRecord, type RecordedStatus } from '../../protocol/job-record.ts';
import type { RecordObserver } from '../simulated-record-store.ts';
import type { Violations } from './violations.ts';

const nextStatuses: { readonly [status in RecordedStatus]: readonly RecordedStatus[] } = {
  CREATED: ['CREATED', 'RUNNING', 'RESTARTING', 'CANCELED', 'FAILED'],
  RUNNING: ['RUNNING', 'RESTARTING', 'FINISHED', 'CANCELED', 'FAILED'],
  RESTARTING: ['RESTARTING', 'RUNNING', 'CANCELED', 'FAILED'],
  FINISHED: ['FINISHED'],
  CANCELED: ['CANCELED'],
  FAILED: ['FAILED'],
};

/**
 * Watches every revision of the job record: 1 and 2 (one commit for each checkpoint number, of the attempt that was
 * pending), 8 (the stamp), 11 (generations are driven one after the other), and that nothing goes back.
 */
export function jobRecordChecker(violations: Violations, isJobRecord: (key: StoredRecord['key']) => boolean): RecordObserver {
  return {
    onRecord({ key, before, after }) {
      if (!isJobRecord(key)) return;
      if (after === undefined) {
        violations.add(1, `the job record ${key.partition} was deleted`);
        return;
      }
      const now = after.fields as unknown as JobRecord;
      if (before === undefined) {
        const begins = now.latest.checkpoint === 0 || (now.latest.attempt === 0 && now.latest.manifest !== undefined);
        violations.expect(begins && now.pending === undefined, 1, () => 'a new job has a checkpoint of its own already');
        return;
      }
      checkStep(violations, before.fields as unknown as JobRecord, now);
    },
  };
}

function checkStep(violations: Violations, before: JobRecord, now: JobRecord): void {
  const where = `checkpoint ${now.latest.checkpoint}, attempt ${now.attempt}, generation ${now.generation}`;
  const neverBack = ['generation', 'attempt', 'stamp', 'latestStamp'] as const;
  for (const field of neverBack) {
    violations.expect(now[field] >= before[field], 1, () => `${field} went back from ${before[field]} to ${now[field]} at ${where}`);
  }
  violations.expect(
    now.jobId === before.jobId && now.submittedAt === before.submittedAt,
    1,
    () => `the record became another job's at ${where}`,
  );
  violations.expect(
    nextStatuses[before.status].includes(now.status),
    1,
    () => `status went from ${before.status} to ${now.status} at ${where}`,
  );
  violations.expect(now.generation <= before.generation + 1, 11, () => `generation jumped from ${before.generation} to ${now.generation}`);
  if (JSON.stringify(now.latest) !== JSON.stringify(before.latest)) checkCommit(violations, before, now);
  else checkWithoutCommit(violations, before, now, where);
  if (now.pending !== undefined && now.pending.attempt !== before.pending?.attempt) checkInjection(violations, before, now);
}

function checkCommit(violations: Violations, before: JobRecord, now: JobRecord): void {
  const { checkpoint, attempt } = now.latest;
  const name = `the commit of checkpoint ${checkpoint}, attempt ${attempt},`;
  violations.expect(checkpoint === before.latest.checkpoint + 1, 2, () => `${name} follows checkpoint ${before.latest.checkpoint}`);
  violations.expect(
    before.pending?.checkpoint === checkpoint && before.pending.attempt === attempt,
    2,
    () => `${name} is of an attempt that was not pending`,
  );
  violations.expect(before.generation === now.generation, 2, () => `${name} changed the generation`);
  violations.expect(!isTerminal(before.status), 2, () => `${name} came after the job was ${before.status}`);
  violations.expect(before.effects === undefined, 4, () => `${name} came before the effects of the one before were done`);
  violations.expect(now.pending === undefined, 2, () => `${name} left an attempt pending`);
  violations.expect(now.latestStamp === before.stamp, 8, () => `${name} has another stamp than its epoch`);
  if (now.effects !== undefined) {
    violations.expect(
      now.effects.checkpoint === checkpoint && now.effects.attempt === attempt,
      4,
      () => `${name} marks the effects of another attempt`,
    );
  }
}

function checkWithoutCommit(violations: Violations, before: JobRecord, now: JobRecord, where: string): void {
  const published = now.effects?.publish !== true || before.effects?.publish === true;
  violations.expect(published, 4, () => `output was to be published without a commit at ${where}`);
  violations.expect(now.status !== 'FINISHED' || before.status === 'FINISHED', 1, () => `the job finished without a commit at ${where}`);
  violations.expect(now.totals.recordsIn === before.totals.recordsIn, 1, () => `records were counted without a commit at ${where}`);
}

function checkInjection(violations: Violations, before: JobRecord, now: JobRecord): void {
  const pending = now.pending!;
  const name = `attempt ${pending.attempt} at checkpoint ${pending.checkpoint}`;
  violations.expect(
    pending.attempt > before.attempt && pending.attempt === now.attempt,
    2,
    () => `${name} has a number that was given out before`,
  );
  violations.expect(
    pending.checkpoint === before.latest.checkpoint + 1,
    2,
    () => `${name} does not follow checkpoint ${before.latest.checkpoint}`,
  );
  violations.expect(
    pending.injectedAt === now.stamp && now.stamp > before.stamp,
    8,
    () => `${name} has the stamp ${now.stamp} after ${before.stamp}`,
  );
  violations.expect(before.effects === undefined, 4, () => `${name} began while effects were not done`);
}
