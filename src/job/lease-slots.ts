import { assert } from '../base/assert.ts';
import { WeirError } from '../base/errors.ts';
import { type Cloud, type RecordFields, updateRecord } from '../cloud/index.ts';
import { deploymentContended, type LeaseOutcome, takeLease } from '../protocol/deployment-lease.ts';
import type { DeploymentRecord } from '../protocol/deployment-record.ts';
import { recordKeys } from '../protocol/names.ts';
import { voidJobRecord } from '../protocol/new-job-record.ts';
import { jobRecordOf } from '../savepoint/job-of-snapshot.ts';

interface LeaseFor {
  readonly jobId: string;
  readonly programId: string;
  readonly operation: string | undefined;
}

/**
 * Takes a deployment's slots for a job that is about to be begun; again for the same job it changes nothing. A job that
 * took them before and never began is kept from beginning first. Throws DEPLOYMENT_BUSY, and DEPLOYMENT_NOT_FOUND.
 */
export async function leaseSlots(cloud: Pick<Cloud, 'records' | 'clock'>, deployment: string, of: LeaseFor): Promise<void> {
  await updateRecord<void, DeploymentRecord>(cloud, {
    key: recordKeys.deployment(deployment),
    contended: (conflicts) => deploymentContended(deployment, conflicts),
    async decide(record) {
      if (record === undefined) throw notFound(deployment);
      let outcome = await askForLease(cloud, record, of);
      if (outcome.kind === 'void') {
        // From now on its record says that it never was.
        await voidJob(cloud, outcome.jobId, deployment);
        outcome = await askForLease(cloud, record, of);
      }
      assert(outcome.kind !== 'void', 'a job that was kept from beginning is known to have ended');
      if (outcome.kind === 'busy') throw busy(deployment, outcome.why);
      return outcome.kind === 'held' ? { answer: undefined } : { answer: undefined, put: outcome.record };
    },
  });
}

async function askForLease(cloud: Pick<Cloud, 'records' | 'clock'>, record: DeploymentRecord, of: LeaseFor): Promise<LeaseOutcome> {
  const holder = record.job === undefined ? undefined : await jobRecordOf(cloud, record.job);
  return takeLease(record, { ...of, now: cloud.clock.now(), holder });
}

/** Keeps a job that does not exist from ever beginning; one that exists is left as it is. */
export async function voidJob(cloud: Pick<Cloud, 'records' | 'clock'>, jobId: string, name: string): Promise<void> {
  const fields = voidJobRecord(jobId, name, cloud.clock.now()) as unknown as RecordFields;
  await cloud.records.put(recordKeys.job(jobId), fields, { kind: 'absent' });
}

function busy(deployment: string, why: string): WeirError {
  return new WeirError({
    code: 'DEPLOYMENT_BUSY',
    domain: 'user',
    message: `Deployment "${deployment}" runs one job at a time, and ${why}.`,
    advice: 'Wait for it, or end the job that runs: weir deployments shows what there is.',
    subject: { deployment },
  });
}

function notFound(deployment: string): WeirError {
  return new WeirError({
    code: 'DEPLOYMENT_NOT_FOUND',
    domain: 'user',
    message: `There is no deployment "${deployment}".`,
    advice: 'weir deployments lists what there is.',
    subject: { deployment },
  });
}
