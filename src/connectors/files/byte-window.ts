import { Buffer } from 'node:buffer';
import { WeirError } from '../../base/errors.ts';
import type { ObjectStore } from '../../cloud/index.ts';

const nothing: Buffer = Buffer.alloc(0);

/**
 * The stretch of a file that was read last, kept in memory because the next read mostly begins within it. Only a cache:
 * whatever it holds can be read again.
 */
export class ByteWindow {
  readonly #objects: ObjectStore;
  readonly #chunkBytes: number;
  #uri = '';
  #offset = 0;
  #bytes: Buffer = nothing;

  constructor(objects: ObjectStore, chunkBytes: number) {
    this.#objects = objects;
    this.#chunkBytes = chunkBytes;
  }

  /**
   * The bytes from `position` on: at least `needed`, fewer only where the file ends, more if they are at hand. The
   * view stays valid; its bytes never change.
   */
  async at(file: { readonly uri: string; readonly fileBytes: number }, position: number, needed: number): Promise<Buffer> {
    const held = this.#held(file.uri, position);
    const wanted = Math.min(needed, file.fileBytes - position);
    if (held.byteLength >= wanted) return held;
    const from = position + held.byteLength;
    const length = Math.min(Math.max(wanted - held.byteLength, this.#chunkBytes), file.fileBytes - from);
    const found = await this.#objects.get(file.uri, { offset: from, length });
    if (found === undefined || found.byteLength !== length) throw changed(file.uri, from, length, found?.byteLength);
    const fresh = Buffer.from(found.buffer, found.byteOffset, found.byteLength);
    this.#uri = file.uri;
    this.#offset = position;
    this.#bytes = held.byteLength === 0 ? fresh : Buffer.concat([held, fresh]);
    return this.#bytes;
  }

  #held(uri: string, position: number): Buffer {
    if (uri !== this.#uri || position < this.#offset || position >= this.#offset + this.#bytes.byteLength) return nothing;
    return this.#bytes.subarray(position - this.#offset);
  }
}

function changed(uri: string, from: number, length: number, found: number | undefined): WeirError {
  return new WeirError({
    code: 'INPUT_CHANGED',
    domain: 'external',
    message: `Input "${uri}" changed while the job reads it: expected ${length} bytes at byte ${from}, found ${found ?? 'no such file'}.`,
    advice: 'Input files must stay as they are until the job has ended; put the file back, or start a new job.',
    subject: { position: `${uri}, byte ${from}` },
  });
}
