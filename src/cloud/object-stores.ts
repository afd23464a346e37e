import { WeirError } from '../base/errors.ts';
import type { ObjectStore } from './object-store.ts';

/** One store over several, each made at the first URI of its scheme. */
export function schemedObjectStore(makers: { readonly s3: () => ObjectStore; readonly file: () => ObjectStore }): ObjectStore {
  const made = new Map<string, ObjectStore>();
  const storeOf = (uri: string): ObjectStore => {
    const scheme = schemeOf(uri);
    const known = made.get(scheme);
    if (known !== undefined) return known;
    const store = makers[scheme]();
    made.set(scheme, store);
    return store;
  };
  return {
    put: async (uri, bytes) => storeOf(uri).put(uri, bytes),
    get: async (uri, range) => storeOf(uri).get(uri, range),
    head: async (uri) => storeOf(uri).head(uri),
    list: async (uriPrefix, after) => storeOf(uriPrefix).list(uriPrefix, after),
    delete: async (uri) => storeOf(uri).delete(uri),
    async publish(stagedUri, finalUri) {
      if (schemeOf(stagedUri) === schemeOf(finalUri)) return storeOf(finalUri).publish(stagedUri, finalUri);
      throw new WeirError({
        code: 'URI_INVALID',
        domain: 'internal',
        message: `Staged output must be in the store of its final name "${finalUri}"; found "${stagedUri}".`,
      });
    },
  };
}

function schemeOf(uri: string): 's3' | 'file' {
  if (uri.startsWith('s3://')) return 's3';
  if (uri.startsWith('file://')) return 'file';
  throw new WeirError({
    code: 'URI_INVALID',
    domain: 'user',
    message: `A URI should begin with "s3://" or "file://"; found ${JSON.stringify(uri)}.`,
    advice: 'Use s3://<bucket>/<key> or file:///<absolute path>.',
  });
}
