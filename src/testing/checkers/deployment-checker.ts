import type { JobDescription, ProgramRecord } from '../../protocol/job-description.ts';
import { isAlive, type JobRecord } from '../../protocol/job-record.ts';
import { recordKeys } from '../../protocol/names.ts';
import type { RecordObserver, SimulatedRecords } from '../simulated-record-store.ts';
import type { Violations } from './violations.ts';

/**
 * Invariant 11, as far as deployments go: a deployment never has two live jobs, and nothing that a live job runs on goes
 * while it lives.
 */
export class DeploymentChecker implements RecordObserver {
  readonly #violations: Violations;
  readonly #records: SimulatedRecords;
  readonly #alive = new Map<string, JobDescription>();

  constructor(violations: Violations, records: SimulatedRecords) {
    this.#violations = violations;
    this.#records = records;
  }

  onRecord({ key, after }: Parameters<RecordObserver['onRecord']>[0]): void {
    if (!key.partition.startsWith('job/') || key.sort !== 'record' || after === undefined) return;
    const record = after.fields as unknown as JobRecord;
    const { jobId } = record;
    if (!isAlive(record)) {
      this.#alive.delete(jobId);
      return;
    }
    const description = this.#records.peek(recordKeys.jobDescription(jobId))?.fields as unknown as JobDescription | undefined;
    if (description === undefined) {
      this.#violations.add(11, `job ${jobId} lives without a description`);
      return;
    }
    const deployment = this.#deploymentOf(description);
    const others = [...this.#alive].filter(([id, other]) => id !== jobId && this.#deploymentOf(other) === deployment);
    this.#violations.expect(
      deployment === undefined || others.length === 0,
      11,
      () => `deployment ${deployment} has the live jobs ${others.map(([id]) => id).join(', ')} and ${jobId}`,
    );
    this.#alive.set(jobId, description);
  }

  /** Told of each version and workflow that goes. */
  onDeleted(arn: string): void {
    for (const [jobId, { program }] of this.#alive) {
      const runsOn = JSON.stringify(program).includes(JSON.stringify(arn));
      this.#violations.expect(!runsOn, 11, () => `${arn} was deleted, which live job ${jobId} runs on`);
    }
  }

  #deploymentOf({ program }: JobDescription): string | undefined {
    const record = this.#records.peek(recordKeys.program(program.programId))?.fields as unknown as ProgramRecord | undefined;
    return record?.deployment;
  }
}
