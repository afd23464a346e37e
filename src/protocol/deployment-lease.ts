import { WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { DeploymentRecord } from './deployment-record.ts';
import { isAlive, type JobRecord } from './job-record.ts';

export type LeaseOutcome =
  /** The job holds it already. */
  | { readonly kind: 'held' }
  | { readonly kind: 'busy'; readonly why: string }
  /** Whoever held it last never began: make that impossible (see voidJobRecord), then ask again. */
  | { readonly kind: 'void'; readonly jobId: string }
  | { readonly kind: 'take'; readonly record: DeploymentRecord };

export interface LeaseInput {
  readonly jobId: string;
  readonly programId: string;
  readonly now: number;
  /** Id of the operation that begins the job; missing: somebody who begins one by hand. */
  readonly operation: string | undefined;
  /** The record of the job that stands in the deployment, read after the deployment. */
  readonly holder: JobRecord | undefined;
}

/**
 * Whether a job may have the slots of a deployment. One that has ended never lives again, and one that does not exist is
 * kept from ever beginning before another takes its place: so no two live at once.
 */
export function takeLease(record: DeploymentRecord, { jobId, programId, now, operation, holder }: LeaseInput): LeaseOutcome {
  if (record.job === jobId) return { kind: 'held' };
  if (record.operation !== undefined && record.operation.id !== operation)
    return { kind: 'busy', why: `its ${record.operation.kind} ${record.operation.id} is in flight` };
  if (operation !== undefined && record.operation === undefined) return { kind: 'busy', why: `operation ${operation} is over` };
  if (record.retiring.includes(programId)) return { kind: 'busy', why: `program ${programId} is just being taken away` };
  if (record.job !== undefined) {
    if (holder !== undefined && isAlive(holder)) return { kind: 'busy', why: `job ${record.job} runs on its slots` };
    const mayStillBegin = now - (record.leasedAt ?? 0) < limits.claimGraceMs;
    if (holder === undefined && operation === undefined && mayStillBegin)
      return { kind: 'busy', why: `job ${record.job} is just being begun` };
    if (holder === undefined) return { kind: 'void', jobId: record.job };
  }
  return { kind: 'take', record: { ...record, job: jobId, leasedAt: now, leasedProgram: programId } };
}

export const deploymentContended = (name: string, conflicts: number): WeirError =>
  new WeirError({
    code: 'DEPLOYMENT_CONTENDED',
    domain: 'resources',
    message: `The record of deployment ${name} changed ${conflicts} times while it was being updated.`,
    advice: 'Try again.',
  });
