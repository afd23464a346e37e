import type { Portable } from '../values/portable.ts';
import type { ConnectorContext } from './source.ts';

/**
 * A sink whose output becomes visible only after the checkpoint that covers it: writers stage, committers publish.
 * Flink's two-phase SinkWriter and Committer.
 */
export interface Sink<T> {
  readonly kind: 'sink';
  readonly name: string;
  /** Made once per subtask and environment. */
  createWriter(context: WriterContext): SinkWriter<T>;
  /** False where nothing is ever left to commit, so that a sink without a uid leaves nothing behind either. Default true. */
  readonly commits?: boolean;
  /** Makes one committable of this sink visible. Called again after every doubt: done already is success. */
  commit(committable: Portable, context: ConnectorContext): Promise<void>;
}

export interface WriterContext extends ConnectorContext {
  readonly jobId: string;
  readonly operatorId: string;
  /** A directory of the job's own below the deployment's state directory, for output that is the job's; no slash at its end. */
  readonly resultDirectory: string;
  readonly subtask: number;
  readonly parallelism: number;
}

export interface SinkWriter<T> {
  /** Takes one record of the epoch; synchronous, so it buffers. */
  write(value: T, timestamp: number | undefined): void;
  /** At the barrier: stages all of the epoch durably, under names that no reader lists, and says what is to be committed. */
  prepareCommit(epoch: EpochName): Promise<readonly Portable[]>;
  /** Forgets what was written since the last barrier: the attempt failed. */
  abort(): void;
}

export interface EpochName {
  readonly checkpoint: number;
  readonly attempt: number;
  /** Of the invocation: staged names hold it, so that a doubled call spoils nothing; final names don't. */
  readonly nonce: string;
}
