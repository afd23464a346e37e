import { WeirError } from '../base/errors.ts';
import { failedState } from '../checkpoint/answer-requests.ts';
import { OperationStore } from '../checkpoint/operation-store.ts';
import type { Cloud } from '../cloud/index.ts';
import { isHexId } from '../graph/ids.ts';
import { failureFrom } from '../protocol/failure.ts';
import { recordKeys } from '../protocol/names.ts';
import type { OperationRecord } from '../protocol/operation.ts';
import { disposeSnapshot } from '../savepoint/dispose-snapshot.ts';
import { mayPass } from '../savepoint/may-pass.ts';
import { liveDisposalIds } from './live-index.ts';

export interface DisposalRequest {
  /** Directory or `_metadata` file of a savepoint or retained checkpoint. */
  readonly path: string;
  /** Also while a job still reads from it. */
  readonly force?: boolean;
  /** 32 hex digits; asking again under the same id changes nothing. */
  readonly id?: string;
}

/** Disposals as operations: durable before they begin, and carried on by whoever asks what came of them. */
export class DisposalService {
  readonly #cloud: Cloud;
  readonly #operations: OperationStore;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#operations = new OperationStore(cloud);
  }

  /** When this returns, the disposal is durable, and most often done. Throws INVALID_OPERATION_ID. */
  async dispose({ path, force = false, id = this.#cloud.random.hex(16) }: DisposalRequest): Promise<{ readonly id: string }> {
    if (!isHexId(id)) {
      throw new WeirError({ code: 'INVALID_OPERATION_ID', domain: 'user', message: `A trigger id is 32 hex digits, but this is "${id}".` });
    }
    const createdAt = this.#cloud.clock.now();
    await this.#cloud.records.put(recordKeys.liveDisposal(id), { id }, { kind: 'always' });
    await this.#drive(
      await this.#operations.create({ id, asked: { kind: 'dispose', path, force }, createdAt, state: { kind: 'pending' } }),
    );
    return { id };
  }

  /** What came of it; one that is not finished is carried on first. Throws OPERATION_NOT_FOUND. */
  async disposal(id: string): Promise<OperationRecord> {
    const known = await this.#operations.read(undefined, id);
    if (known !== undefined) return await this.#drive(known);
    throw new WeirError({
      code: 'OPERATION_NOT_FOUND',
      domain: 'user',
      message: `There is no disposal ${id}.`,
      advice: 'Give the id that the request was answered with.',
    });
  }

  /** Carries on what nobody asked after: for the sweep. */
  async sweep(): Promise<void> {
    for (const id of await liveDisposalIds(this.#cloud)) {
      const operation = await this.#operations.read(undefined, id);
      // Without one it is just being asked for.
      if (operation === undefined) continue;
      const { state } = await this.#drive(operation);
      if (state.kind !== 'pending') await this.#cloud.records.delete(recordKeys.liveDisposal(id));
    }
  }

  /** What may pass leaves it pending; it goes on where it stopped. */
  async #drive(operation: OperationRecord): Promise<OperationRecord> {
    const { asked, state, id } = operation;
    if (state.kind !== 'pending' || asked.kind !== 'dispose') return operation;
    try {
      const { deleted, kept } = await disposeSnapshot(this.#cloud, asked.path, { force: asked.force, operation: id });
      const at = this.#cloud.clock.now();
      return await this.#operations.advance(operation, ['pending'], { kind: 'completed', at, result: { kind: 'disposed', deleted, kept } });
    } catch (error) {
      if (mayPass(error)) return operation;
      return await this.#operations.advance(operation, ['pending'], failedState(failureFrom(error), this.#cloud.clock.now()));
    }
  }
}
