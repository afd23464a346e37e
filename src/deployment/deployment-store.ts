import { WeirError } from '../base/errors.ts';
import { type Cloud, fieldsOf, type RecordFields } from '../cloud/index.ts';
import type { DeploymentRecord } from '../protocol/deployment-record.ts';
import { recordKeys } from '../protocol/names.ts';

/** What a decision wants done with the record it saw; nothing to put leaves it as it is. */
export interface DeploymentDecision<T> {
  readonly answer: T;
  readonly put?: DeploymentRecord;
}

const conflictsMax = 50;
const doubtsMax = 4;

/** Reads and conditionally writes the records of deployments. Decisions are pure, recognize their own work, and may be asked several times. */
export class DeploymentStore {
  readonly #cloud: Pick<Cloud, 'records' | 'clock'>;

  constructor(cloud: Pick<Cloud, 'records' | 'clock'>) {
    this.#cloud = cloud;
  }

  async read(name: string): Promise<DeploymentRecord | undefined> {
    return (await this.#cloud.records.get(recordKeys.deployment(name)))?.fields as unknown as DeploymentRecord | undefined;
  }

  /** By name. */
  async list(): Promise<readonly DeploymentRecord[]> {
    return (await fieldsOf(this.#cloud.records, recordKeys.deploymentsPartition)) as unknown as readonly DeploymentRecord[];
  }

  async update<T>(name: string, decide: (record: DeploymentRecord | undefined) => DeploymentDecision<T>): Promise<T> {
    const key = recordKeys.deployment(name);
    let doubts = 0;
    for (let conflicts = 0; conflicts < conflictsMax; ) {
      try {
        const stored = await this.#cloud.records.get(key);
        const { answer, put } = decide(stored?.fields as unknown as DeploymentRecord | undefined);
        if (put === undefined) return answer;
        const condition = stored === undefined ? ({ kind: 'absent' } as const) : ({ kind: 'revision', revision: stored.revision } as const);
        if ((await this.#cloud.records.put(key, put as unknown as RecordFields, condition)).kind === 'stored') return answer;
        conflicts++;
      } catch (error) {
        if (WeirError.is(error) && (error.domain === 'internal' || error.domain === 'user')) throw error;
        if (++doubts > doubtsMax) throw error;
        await this.#cloud.clock.sleep(20 * 2 ** doubts);
      }
    }
    throw deploymentContended(name, conflictsMax);
  }
}

export const deploymentContended = (name: string, conflicts: number): WeirError =>
  new WeirError({
    code: 'DEPLOYMENT_CONTENDED',
    domain: 'resources',
    message: `The record of deployment ${name} changed ${conflicts} times while it was being updated.`,
    advice: 'Try again.',
  });
