import { WeirError } from '../base/errors.ts';
import { type Cloud, fieldsOf, type RecordFields } from '../cloud/index.ts';
import { recordKeys } from '../protocol/names.ts';
import type { OperationRecord, OperationState } from '../protocol/operation.ts';

const conflictsMax = 20;

/** Reads and conditionally writes the records of operations. A completed one is never changed. */
export class OperationStore {
  readonly #cloud: Pick<Cloud, 'records'>;

  constructor(cloud: Pick<Cloud, 'records'>) {
    this.#cloud = cloud;
  }

  async read(jobId: string | undefined, id: string): Promise<OperationRecord | undefined> {
    const stored = await this.#cloud.records.get(recordKeys.operation(jobId, id));
    return stored?.fields as unknown as OperationRecord | undefined;
  }

  /** Of one job, or all disposals, by id. */
  async list(jobId: string | undefined): Promise<readonly OperationRecord[]> {
    const stored: unknown = await fieldsOf(this.#cloud.records, recordKeys.operationsPartition(jobId));
    return stored as readonly OperationRecord[];
  }

  /** Puts a new operation, unless there is one with its id: then gives that one. */
  async create(operation: OperationRecord): Promise<OperationRecord> {
    const key = recordKeys.operation(operation.jobId, operation.id);
    const outcome = await this.#cloud.records.put(key, toFields(operation), { kind: 'absent' });
    if (outcome.kind === 'stored' || outcome.current === undefined) return operation;
    return outcome.current.fields as unknown as OperationRecord;
  }

  /**
   * Moves an operation on, as long as its state is one of `from`; gives the operation as it stands then. `asked` is put
   * first if there is none: an answer is never lost for want of a record.
   */
  async advance(asked: OperationRecord, from: readonly OperationState['kind'][], state: OperationState): Promise<OperationRecord> {
    const { records } = this.#cloud;
    const key = recordKeys.operation(asked.jobId, asked.id);
    for (let conflicts = 0; conflicts < conflictsMax; conflicts++) {
      const stored = await records.get(key);
      const before = stored?.fields as unknown as OperationRecord | undefined;
      if (before !== undefined && !from.includes(before.state.kind)) return before;
      const after = { ...(before ?? asked), state };
      const condition = stored === undefined ? ({ kind: 'absent' } as const) : ({ kind: 'revision', revision: stored.revision } as const);
      if ((await records.put(key, toFields(after), condition)).kind === 'stored') return after;
    }
    throw new WeirError({
      code: 'OPERATION_CONTENDED',
      domain: 'resources',
      message: `The record of operation ${asked.id} changed ${conflictsMax} times while it was being updated.`,
    });
  }
}

const toFields = (operation: OperationRecord): RecordFields => operation as unknown as RecordFields;
