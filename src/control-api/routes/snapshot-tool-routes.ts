import { z } from 'zod';
import { WeirError } from '../../base/errors.ts';
import { copySnapshot } from '../../savepoint/copy-snapshot.ts';
import { diffSnapshots, type SnapshotDifference } from '../../savepoint/diff-snapshots.ts';
import { deleteGarbage, explainStorage, type StoredItem } from '../../savepoint/explain-storage.ts';
import { inspectSnapshot, type SnapshotInspection } from '../../savepoint/inspect-snapshot.ts';
import { type Migration, migrateSnapshot } from '../../savepoint/migrate-snapshot.ts';
import { openSnapshot } from '../../savepoint/open-snapshot.ts';
import { route } from '../route.ts';
import { nothing } from './parameters.ts';

/** Plain data as the savepoint room has it; it is said there what each field means. */
const plain = <T extends object>() => z.custom<T>((value) => typeof value === 'object' && value !== null);

/** One request copies for about so long: gateways give up after 29 s. */
const exportStepMs = 10_000;

/** Tools for snapshots. Paths are in the query or the body, since they are URIs themselves. */
export const snapshotToolRoutes = {
  inspectSnapshot: route({
    method: 'GET',
    path: '/savepoints/inspect',
    parameters: nothing,
    body: nothing,
    reply: plain<SnapshotInspection>(),
    status: 200,
    handle: async (service, { query }) => inspectSnapshot(service.cloud, service.location(given(query, 'path'))),
  }),
  diffSnapshots: route({
    method: 'GET',
    path: '/savepoints/diff',
    parameters: nothing,
    body: nothing,
    reply: plain<SnapshotDifference>(),
    status: 200,
    handle: async (service, { query }) =>
      diffSnapshots(service.cloud, service.location(given(query, 'before')), service.location(given(query, 'after'))),
  }),
  /** Asked again until it is done: what is copied stays copied. */
  exportSnapshot: route({
    method: 'POST',
    path: '/savepoint-export',
    parameters: nothing,
    body: z.object({ 'savepoint-path': z.string(), target: z.string() }),
    reply: z.object({ done: z.boolean(), copied: z.number(), of: z.number() }),
    status: 200,
    handle: async (service, { body }) => {
      const snapshot = await openSnapshot(service.cloud, service.location(body['savepoint-path']), { verify: false });
      const outcome = await copySnapshot(service.cloud, snapshot, service.location(body.target), { until: service.now() + exportStepMs });
      return outcome.kind === 'copied' ? { done: true, copied: 0, of: 0 } : { done: false, copied: outcome.copied, of: outcome.of };
    },
  }),
  migrateSnapshot: route({
    method: 'POST',
    path: '/savepoint-migrate',
    parameters: nothing,
    body: z.object({ 'savepoint-path': z.string(), target: z.string().nullish() }),
    reply: plain<Migration>(),
    status: 200,
    handle: async (service, { body }) =>
      migrateSnapshot(
        service.cloud,
        service.location(body['savepoint-path']),
        body.target == null ? undefined : service.location(body.target),
      ),
  }),
  storage: route({
    method: 'GET',
    path: '/storage',
    parameters: nothing,
    body: nothing,
    reply: z.object({ items: z.array(plain<StoredItem>()) }),
    status: 200,
    handle: async (service) => ({ items: [...(await explainStorage(service.cloud, { stateRoot: service.stateRoot }))] }),
  }),
  collectGarbage: route({
    method: 'POST',
    path: '/storage/collect',
    parameters: nothing,
    body: nothing,
    reply: z.object({ items: z.array(plain<StoredItem>()), deleted: z.number(), bytes: z.number() }),
    status: 200,
    handle: async (service) => {
      const items = await explainStorage(service.cloud, { stateRoot: service.stateRoot });
      return { items: [...items], ...(await deleteGarbage(service.cloud, items)) };
    },
  }),
} as const;

function given(query: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = query[name];
  if (value !== undefined && value !== '') return value;
  throw new WeirError({
    code: 'BAD_REQUEST',
    domain: 'user',
    message: `The query should have "${name}", the path of a snapshot; found none.`,
  });
}
