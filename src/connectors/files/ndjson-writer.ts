import { concatBytes, utf8 } from '../../base/bytes.ts';
import type { ObjectStore } from '../../cloud/index.ts';
import type { EpochName, SinkWriter, WriterContext } from '../../stream/sink.ts';
import type { FileLimits } from './file-limits.ts';
import { jsonLine } from './json-line.ts';

/** What is to be committed: a type and not an interface, so that it counts as portable. */
export type StagedFile = {
  readonly staged: string;
  readonly final: string;
  readonly bytes: number;
};

const encodedAtOnce = 64 * 1024;

/**
 * Collects an epoch in memory and stages it as one file, or several if it is large. Nothing is staged for an empty one.
 * What a failed attempt has staged is left alone: the attempt may have committed without this writer's knowledge.
 */
export class NdjsonWriter implements SinkWriter<unknown> {
  readonly #objects: ObjectStore;
  readonly #stagingPrefix: string;
  readonly #finalPrefix: string;
  readonly #partBytesMax: number;
  #lines = '';
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #parts: Uint8Array[] = [];

  /** `directory` ends with a slash. */
  constructor(directory: string, context: WriterContext, limits: FileLimits) {
    const { jobId, operatorId, subtask } = context;
    const place = `${operatorId.slice(0, 12)}-${String(subtask).padStart(5, '0')}`;
    this.#objects = context.objects;
    this.#stagingPrefix = `${directory}.weir-staging/${jobId}/${place}-`;
    this.#finalPrefix = `${directory}part-${jobId}-${place}-`;
    this.#partBytesMax = limits.partBytesMax;
  }

  write(value: unknown): void {
    this.#lines += jsonLine(value);
    if (this.#lines.length >= encodedAtOnce) this.#encode();
    if (this.#bytes >= this.#partBytesMax) this.#endPart();
  }

  async prepareCommit({ checkpoint, attempt, nonce }: EpochName): Promise<readonly StagedFile[]> {
    this.#encode();
    if (this.#bytes > 0) this.#endPart();
    const staged: StagedFile[] = [];
    for (const [sequence, part] of this.#parts.entries()) {
      const ending = `${String(sequence).padStart(3, '0')}.ndjson`;
      const file = {
        staged: `${this.#stagingPrefix}${checkpoint}-${attempt}-${nonce}-${ending}`,
        final: `${this.#finalPrefix}${String(checkpoint).padStart(8, '0')}-${ending}`,
        bytes: part.byteLength,
      };
      await this.#objects.put(file.staged, part);
      staged.push(file);
    }
    this.#parts = [];
    return staged;
  }

  abort(): void {
    this.#lines = '';
    this.#chunks = [];
    this.#bytes = 0;
    this.#parts = [];
  }

  #encode(): void {
    if (this.#lines === '') return;
    const chunk = utf8(this.#lines);
    this.#lines = '';
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
  }

  #endPart(): void {
    this.#parts.push(concatBytes(this.#chunks));
    this.#chunks = [];
    this.#bytes = 0;
  }
}
