import { checksumOf } from '../base/bytes.ts';
import { WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Cloud } from '../cloud/index.ts';
import type { StateBackend } from '../protocol/job-description.ts';
import { objectUris, recordKeys } from '../protocol/names.ts';
import { type NewSegment, type SegmentPlace, type SegmentRef, segmentName } from '../protocol/segment-ref.ts';
import type { EncodedSegment, SegmentStore } from './api.ts';
import { corrupt } from './corrupt.ts';

export interface SegmentStoreOptions {
  readonly cloud: Pick<Cloud, 'records' | 'objects'>;
  /** The deployment's state directory; no slash at the end. */
  readonly stateRoot: string;
  readonly backend: StateBackend;
  /** A segment up to this size is a record under the backend `dynamodb`; at most what a record holds. */
  readonly inlineBytes: number;
}

/** What a record holds beside the bytes: its key, names and numbers. */
const recordOverheadBytes = 2048;

type WriteOf = Parameters<SegmentStore['write']>[0];

export function createSegmentStore(options: SegmentStoreOptions): SegmentStore {
  return options.backend === 'memory' ? memorySegmentStore(options) : new CloudSegmentStore(options);
}

/**
 * State that ends up inside the manifest: until then it travels in the acknowledgement, or beside it where it is too large
 * for that, as data that expires. Complete checkpoint puts it in its place.
 */
function memorySegmentStore({ cloud, stateRoot }: SegmentStoreOptions): SegmentStore {
  return {
    async write(of, { bytes, keyGroups, base, operatorState }) {
      const uri = objectUris.stateOnItsWay(stateRoot, of, of, of.nonce);
      const fits = bytes.byteLength <= limits.segmentInlineBytes;
      if (!fits) await cloud.objects.put(uri, bytes);
      const at: SegmentPlace = fits ? { kind: 'inline', bytes: Buffer.from(bytes).toString('base64') } : { kind: 'object', uri };
      return { at, checkpoint: of.checkpoint, bytes: bytes.byteLength, checksum: checksumOf(bytes), keyGroups, base, operatorState };
    },
    read: (ref) => readSegment(cloud, ref),
  };
}

class CloudSegmentStore implements SegmentStore {
  readonly #cloud: SegmentStoreOptions['cloud'];
  readonly #stateRoot: string;
  readonly #recordBytesMax: number;

  constructor({ cloud, stateRoot, backend, inlineBytes }: SegmentStoreOptions) {
    this.#cloud = cloud;
    this.#stateRoot = stateRoot;
    this.#recordBytesMax = backend === 'filesystem' ? -1 : Math.min(inlineBytes, limits.recordBytesMax - recordOverheadBytes);
  }

  async write(of: WriteOf, segment: EncodedSegment): Promise<NewSegment> {
    const { bytes, keyGroups, base, operatorState } = segment;
    const at = bytes.byteLength <= this.#recordBytesMax ? await this.#putRecord(of, bytes) : await this.#putObject(of, bytes);
    return { at, checkpoint: of.checkpoint, bytes: bytes.byteLength, checksum: checksumOf(bytes), keyGroups, base, operatorState };
  }

  read(ref: SegmentRef): Promise<Uint8Array> {
    return readSegment(this.#cloud, ref);
  }

  async #putRecord(of: WriteOf, bytes: Uint8Array): Promise<SegmentRef['at']> {
    const key = recordKeys.segment(of, of, of.nonce);
    const outcome = await this.#cloud.records.put(key, { bytes }, { kind: 'absent' });
    if (outcome.kind === 'conflict' && !sameBytes(outcome.current?.fields.bytes, bytes)) {
      throw corrupt(`${key.partition} ${key.sort} stands there already with another content: its name is to be used once`);
    }
    return { kind: 'record', ...key };
  }

  async #putObject(of: WriteOf, bytes: Uint8Array): Promise<SegmentRef['at']> {
    const uri = objectUris.segment(this.#stateRoot, of, of, of.nonce);
    await this.#cloud.objects.put(uri, bytes);
    return { kind: 'object', uri };
  }
}

/** The bytes of a segment, wherever they are. Checks length and checksum. Throws SEGMENT_MISSING, SEGMENT_CORRUPT. */
export async function readSegment(cloud: SegmentStoreOptions['cloud'], ref: SegmentRef): Promise<Uint8Array> {
  const bytes = await bytesAt(cloud, ref.at);
  if (bytes === undefined) throw missing(ref);
  if (bytes.byteLength !== ref.bytes) throw corrupt(`${nameOf(ref)} has ${bytes.byteLength} bytes instead of ${ref.bytes}`);
  const checksum = checksumOf(bytes);
  if (checksum !== ref.checksum) throw corrupt(`${nameOf(ref)} has the checksum ${checksum} instead of ${ref.checksum}`);
  return bytes;
}

async function bytesAt(cloud: SegmentStoreOptions['cloud'], at: SegmentPlace): Promise<Uint8Array | undefined> {
  switch (at.kind) {
    case 'object':
      return cloud.objects.get(at.uri);
    case 'inline':
      return new Uint8Array(Buffer.from(at.bytes, 'base64'));
    case 'relative':
      throw corrupt(`its reference "${at.path}" leads from a directory that is not known here`);
    case 'record': {
      const record = await cloud.records.get({ partition: at.partition, sort: at.sort });
      if (record === undefined) return undefined;
      const { bytes } = record.fields;
      if (!(bytes instanceof Uint8Array)) throw corrupt(`the record ${at.partition} ${at.sort} holds no bytes`);
      return bytes;
    }
  }
}

const nameOf = (ref: SegmentRef): string => (ref.at.kind === 'object' ? ref.at.uri : `the ${segmentName(ref)}`);

function sameBytes(stored: unknown, bytes: Uint8Array): boolean {
  return stored instanceof Uint8Array && Buffer.compare(stored, bytes) === 0;
}

function missing(ref: SegmentRef): WeirError {
  return new WeirError({
    code: 'SEGMENT_MISSING',
    domain: 'external',
    message: `A segment of state of checkpoint ${ref.checkpoint} should be stored as ${nameOf(ref)}, but nothing is there.`,
    advice: 'Restore from another checkpoint or savepoint, and look for what else deletes from the state directory or table.',
    subject: { checkpoint: ref.checkpoint },
  });
}
