import { WeirError } from '../base/errors.ts';
import type { Cloud, RecordFields } from '../cloud/index.ts';
import { takeLease } from '../protocol/deployment-lease.ts';
import type { DeploymentRecord } from '../protocol/deployment-record.ts';
import { recordKeys } from '../protocol/names.ts';
import { voidJobRecord } from '../protocol/new-job-record.ts';
import { jobRecordOf } from '../savepoint/job-of-snapshot.ts';

const conflictsMax = 50;

/**
 * Takes a deployment's slots for a job that is about to be begun; again for the same job it changes nothing. A job that
 * took them before and never began is kept from beginning first. Throws DEPLOYMENT_BUSY, and DEPLOYMENT_NOT_FOUND.
 */
export async function leaseSlots(
  cloud: Pick<Cloud, 'records' | 'clock'>,
  deployment: string,
  of: { readonly jobId: string; readonly programId: string; readonly operation: string | undefined },
): Promise<void> {
  const { records, clock } = cloud;
  const key = recordKeys.deployment(deployment);
  for (let conflicts = 0; conflicts < conflictsMax; conflicts++) {
    const stored = await records.get(key);
    if (stored === undefined) throw notFound(deployment);
    const record = stored.fields as unknown as DeploymentRecord;
    const holder = record.job === undefined ? undefined : await jobRecordOf(cloud, record.job);
    const now = clock.now();
    const outcome = takeLease(record, { ...of, now, holder });
    switch (outcome.kind) {
      case 'held':
        return;
      case 'busy':
        throw busy(deployment, outcome.why);
      case 'void':
        await voidJob(cloud, outcome.jobId, deployment);
        break;
      case 'take': {
        const condition = { kind: 'revision', revision: stored.revision } as const;
        if ((await records.put(key, outcome.record as unknown as RecordFields, condition)).kind === 'stored') return;
      }
    }
  }
  throw new WeirError({
    code: 'DEPLOYMENT_CONTENDED',
    domain: 'resources',
    message: `The record of deployment ${deployment} changed ${conflictsMax} times while it was being updated.`,
    advice: 'Try again.',
  });
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
