import * as z from 'zod';
import { diffSnapshots, type SnapshotDifference } from '../../savepoint/diff-snapshots.ts';
import { explainStorage, type StoredItem } from '../../savepoint/explain-storage.ts';
import { inspectSnapshot, type SnapshotInspection } from '../../savepoint/inspect-snapshot.ts';
import { route } from '../route.ts';
import { nothing, place, plain } from './parameters.ts';

/** Tools for snapshots. Paths are in the query or the body, since they are URIs themselves. */
export const snapshotToolRoutes = {
  inspectSnapshot: route({
    method: 'GET',
    path: '/savepoints/inspect',
    group: 'queries',
    summary: 'Which operator has which state in a snapshot.',
    parameters: nothing,
    query: z.object({ path: place }),
    body: nothing,
    reply: plain<SnapshotInspection>(),
    status: 200,
    handle: async (service, { query }) => inspectSnapshot(service.cloud, service.location(query.path)),
  }),
  diffSnapshots: route({
    method: 'GET',
    path: '/savepoints/diff',
    group: 'queries',
    summary: 'What differs between two snapshots.',
    parameters: nothing,
    query: z.object({ before: place, after: place }),
    body: nothing,
    reply: plain<SnapshotDifference>(),
    status: 200,
    handle: async (service, { query }) => diffSnapshots(service.cloud, service.location(query.before), service.location(query.after)),
  }),
  storage: route({
    method: 'GET',
    path: '/storage',
    group: 'queries',
    summary: 'What lies in the state directories, and why.',
    parameters: nothing,
    body: nothing,
    reply: z.object({ items: z.array(plain<StoredItem>()) }),
    status: 200,
    handle: async (service) => ({ items: [...(await explainStorage(service.cloud, { stateRoot: service.stateRoot }))] }),
  }),
} as const;
