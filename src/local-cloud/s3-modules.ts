import type { buildApp } from 'fauxqs';

/** Of all services that the emulator has; it makes those that are not given. */
export type S3Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;

/** The emulator's objects in memory: all of them without storage, only what describes them with one. */
export type S3Store = S3Stores['s3Store'];
export type S3Object = ReturnType<S3Store['getObject']>;
export type S3Listing = ReturnType<S3Store['listObjects']>;
export type S3ListOptions = NonNullable<Parameters<S3Store['listObjects']>[1]>;
export type S3Storage = NonNullable<S3Store['persistence']>;

export interface S3Modules {
  readonly buildApp: typeof buildApp;
  readonly S3Store: new () => S3Store;
  readonly FileS3Persistence: new (folder: string) => S3Storage;
}

/**
 * The parts of the emulator. Its package publishes only a whole server, which would listen on every interface, list
 * in the order of a locale, and tear an object when it is killed; the parts let us do better. The version is pinned.
 */
export async function loadS3Modules(): Promise<S3Modules> {
  const part = (path: string): Promise<unknown> => import(new URL(path, import.meta.resolve('fauxqs')).href);
  const [{ buildApp }, { S3Store }, { FileS3Persistence }] = (await Promise.all([
    import('fauxqs'),
    part('s3/s3Store.js'),
    part('s3/fileS3Persistence.js'),
  ])) as [Pick<S3Modules, 'buildApp'>, Pick<S3Modules, 'S3Store'>, Pick<S3Modules, 'FileS3Persistence'>];
  return { buildApp, S3Store, FileS3Persistence };
}
