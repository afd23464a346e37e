import { checksumOf, compareUtf8 } from '../base/bytes.ts';
import { WeirError } from '../base/errors.ts';
import type { ByteRange, ListPage, ObjectStore } from '../cloud/index.ts';
import type { Operation } from './faults.ts';
import { type Caller, outside, type PortCalls } from './port-calls.ts';

/** Told of every change, in the instant it happens. */
export interface ObjectObserver {
  onPut?(change: { readonly uri: string; readonly before: Uint8Array | undefined; readonly after: Uint8Array }): void;
  onPublish?(change: {
    readonly stagedUri: string;
    readonly finalUri: string;
    readonly before: Uint8Array | undefined;
    readonly after: Uint8Array;
  }): void;
  onDelete?(uri: string): void;
}

type ObjectOperation = Extract<Operation, `objects.${string}`>;

const pageSize = 1000;

/** Objects in memory, under `s3://` and `file://` names, with the contract of ObjectStore to the letter. */
export class SimulatedObjects {
  readonly #calls: PortCalls;
  readonly #objects = new Map<string, Uint8Array>();
  readonly #observers: ObjectObserver[] = [];

  constructor(calls: PortCalls) {
    this.#calls = calls;
  }

  observe(observer: ObjectObserver): void {
    this.#observers.push(observer);
  }

  /** As it stands, without a call. The bytes are not to be changed. */
  peek(uri: string): Uint8Array | undefined {
    return this.#objects.get(uri);
  }

  /** The names that begin so, in order, without a call. */
  names(uriPrefix: string): readonly string[] {
    return [...this.#objects.keys()].filter((uri) => uri.startsWith(uriPrefix)).sort(compareUtf8);
  }

  /** Puts an object there from the outside of the simulated world: input that was there before. */
  place(uri: string, bytes: Uint8Array): void {
    this.#objects.set(checkedUri(uri), bytes.slice());
  }

  /** The store as this caller sees it. */
  for(caller: Caller = outside): ObjectStore {
    return this.#view(
      async (operation, uri, effect, describe) =>
        await this.#calls.perform(caller, { operation, target: checkedUri(uri), effect, describe }),
    );
  }

  /** The store without calls: nothing takes time, and no fault strikes. */
  immediate(): ObjectStore {
    return this.#view(async (_operation, uri, effect) => {
      checkedUri(uri);
      return effect();
    });
  }

  #view(call: <T>(operation: ObjectOperation, uri: string, effect: () => T, describe: (answer: T) => string) => Promise<T>): ObjectStore {
    return {
      put: (uri, bytes) => {
        const copy = bytes.slice();
        return call(
          'objects.put',
          uri,
          () => this.#put(uri, copy),
          () => `${copy.byteLength} bytes ${checksumOf(copy)}`,
        );
      },
      get: (uri, range) =>
        call(
          'objects.get',
          uri,
          () => this.#get(uri, range),
          (bytes) => (bytes === undefined ? 'nothing' : `${bytes.byteLength} bytes`),
        ),
      head: (uri) =>
        call(
          'objects.head',
          uri,
          () => this.#head(uri),
          (info) => (info === undefined ? 'nothing' : `${info.bytes} bytes`),
        ),
      list: (uriPrefix, after) =>
        call(
          'objects.list',
          uriPrefix,
          () => this.#list(uriPrefix, after),
          (page) => `${page.objects.length} objects`,
        ),
      publish: (stagedUri, finalUri) =>
        call(
          'objects.publish',
          stagedUri,
          () => this.#publish(stagedUri, checkedUri(finalUri)),
          (outcome) => `${outcome} ${finalUri}`,
        ),
      delete: (uri) =>
        call(
          'objects.delete',
          uri,
          () => this.#delete(uri),
          () => 'deleted',
        ),
    };
  }

  #put(uri: string, bytes: Uint8Array): void {
    const before = this.#objects.get(uri);
    this.#objects.set(uri, bytes);
    for (const observer of this.#observers) observer.onPut?.({ uri, before, after: bytes });
  }

  #get(uri: string, range: ByteRange | undefined): Uint8Array | undefined {
    const bytes = this.#objects.get(uri);
    return range === undefined ? bytes?.slice() : bytes?.slice(range.offset, range.offset + range.length);
  }

  #head(uri: string): { readonly uri: string; readonly bytes: number } | undefined {
    const bytes = this.#objects.get(uri);
    return bytes === undefined ? undefined : { uri, bytes: bytes.byteLength };
  }

  #list(uriPrefix: string, after: string | undefined): ListPage {
    const uris = this.names(uriPrefix).filter((uri) => after === undefined || uri > after);
    const page = uris.slice(0, pageSize);
    return { objects: page.map((uri) => this.#head(uri)!), next: page.length < uris.length ? page.at(-1) : undefined };
  }

  #publish(stagedUri: string, finalUri: string): 'published' | 'missing' {
    const staged = this.#objects.get(stagedUri);
    const before = this.#objects.get(finalUri);
    if (staged === undefined) return before === undefined ? 'missing' : 'published';
    this.#objects.set(finalUri, staged);
    this.#objects.delete(stagedUri);
    for (const observer of this.#observers) observer.onPublish?.({ stagedUri, finalUri, before, after: staged });
    return 'published';
  }

  #delete(uri: string): void {
    if (!this.#objects.delete(uri)) return;
    for (const observer of this.#observers) observer.onDelete?.(uri);
  }
}

function checkedUri(uri: string): string {
  if (/^(s3:\/\/[^/]+\/|file:\/\/\/)/.test(uri)) return uri;
  throw new WeirError({
    code: 'URI_INVALID',
    domain: 'user',
    message: `An object's name begins with s3://<bucket>/ or file:///, but this is "${uri}".`,
    advice: 'Give the whole URI.',
  });
}
