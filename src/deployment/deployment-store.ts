import { type Cloud, type Decision, fieldsOf, updateRecord } from '../cloud/index.ts';
import { deploymentContended } from '../protocol/deployment-lease.ts';
import type { DeploymentRecord } from '../protocol/deployment-record.ts';
import { recordKeys } from '../protocol/names.ts';

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

  /** See updateRecord. Throws DEPLOYMENT_CONTENDED when others are always faster. */
  async update<T>(name: string, decide: (record: DeploymentRecord | undefined) => Decision<T, DeploymentRecord>): Promise<T> {
    return await updateRecord<T, DeploymentRecord>(this.#cloud, {
      key: recordKeys.deployment(name),
      decide,
      contended: (conflicts) => deploymentContended(name, conflicts),
    });
  }
}
