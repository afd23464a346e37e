import * as z from 'zod';
import { copySnapshot } from '../../savepoint/copy-snapshot.ts';
import { deleteGarbage, explainStorage, type StoredItem } from '../../savepoint/explain-storage.ts';
import { type Migration, migrateSnapshot } from '../../savepoint/migrate-snapshot.ts';
import { openSnapshot } from '../../savepoint/open-snapshot.ts';
import { disposalStatus, disposalStatusOf } from '../operation-views.ts';
import { hexId } from '../replies.ts';
import { route } from '../route.ts';
import { nothing, place, plain } from './parameters.ts';
import { requestId, triggered } from './triggered.ts';

/** One request copies for about so long: gateways give up after 29 s. */
const exportStepMs = 10_000;

/** What deletes snapshots, or writes them anew. */
export const disposeRoutes = {
  disposeSavepoint: route({
    method: 'POST',
    path: '/savepoint-disposal',
    group: 'dispose',
    summary: 'Asks to delete a snapshot.',
    parameters: nothing,
    body: z.object({ 'savepoint-path': place, weir: z.object({ force: z.boolean() }).optional() }),
    reply: triggered,
    status: 200,
    handle: async (service, { body }) =>
      requestId(service.disposals.dispose({ path: service.location(body['savepoint-path']), force: body.weir?.force === true })),
  }),
  disposalStatus: route({
    method: 'GET',
    path: '/savepoint-disposal/:triggerid',
    group: 'dispose',
    summary: 'What became of that.',
    parameters: z.object({ triggerid: hexId }),
    body: nothing,
    reply: disposalStatus,
    status: 200,
    handle: async (service, { parameters }) => disposalStatusOf(await service.disposals.disposal(parameters.triggerid)),
  }),
  /** Asked again until it is done: what is copied stays copied. */
  exportSnapshot: route({
    method: 'POST',
    path: '/savepoint-export',
    group: 'dispose',
    summary: 'Copies a snapshot so that it stands by itself; asked again until `done`.',
    parameters: nothing,
    body: z.object({ 'savepoint-path': place, target: place }),
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
    group: 'dispose',
    summary: 'Rewrites the metadata of an older version.',
    parameters: nothing,
    body: z.object({ 'savepoint-path': place, target: place.nullish() }),
    reply: plain<Migration>(),
    status: 200,
    handle: async (service, { body }) =>
      migrateSnapshot(
        service.cloud,
        service.location(body['savepoint-path']),
        body.target == null ? undefined : service.location(body.target),
      ),
  }),
  collectGarbage: route({
    method: 'POST',
    path: '/storage/collect',
    group: 'dispose',
    summary: 'Deletes what nothing refers to.',
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
