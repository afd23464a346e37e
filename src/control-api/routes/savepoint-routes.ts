import { z } from 'zod';
import type { SnapshotFormat } from '../../protocol/request.ts';
import {
  checkpointStatus,
  checkpointStatusOf,
  disposalStatus,
  disposalStatusOf,
  savepointStatus,
  savepointStatusOf,
} from '../operation-views.ts';
import { hexId } from '../replies.ts';
import { route } from '../route.ts';
import { nothing, ofJob } from './parameters.ts';

const triggered = z.object({ 'request-id': hexId });
const ofOperation = z.object({ jobid: hexId, triggerid: hexId });
const formatType = z.enum(['CANONICAL', 'NATIVE']).nullish();

/** What Flink takes where nothing is said. */
const formatOf = (said: z.infer<typeof formatType>): SnapshotFormat => (said === 'NATIVE' ? 'native' : 'canonical');

const given = <Name extends string, T>(name: Name, value: T | null | undefined): Partial<Record<Name, T>> =>
  value === null || value === undefined ? {} : ({ [name]: value } as Record<Name, T>);

const requestId = async (asked: Promise<{ readonly id: string }>): Promise<z.input<typeof triggered>> => ({
  'request-id': (await asked).id,
});

/** Savepoints and checkpoints that somebody asks for, and how it went. */
export const savepointRoutes = {
  triggerSavepoint: route({
    method: 'POST',
    path: '/jobs/:jobid/savepoints',
    parameters: ofJob,
    body: z.object({
      'target-directory': z.string().nullish(),
      'cancel-job': z.boolean().nullish(),
      formatType,
      triggerId: hexId.nullish(),
    }),
    reply: triggered,
    status: 202,
    handle: async (service, { parameters, body }) =>
      requestId(
        service.requests.trigger({
          jobId: parameters.jobid,
          kind: body['cancel-job'] === true ? 'cancel' : 'savepoint',
          format: formatOf(body.formatType),
          ...given('directory', body['target-directory']),
          ...given('id', body.triggerId),
        }),
      ),
  }),
  savepointStatus: route({
    method: 'GET',
    path: '/jobs/:jobid/savepoints/:triggerid',
    parameters: ofOperation,
    body: nothing,
    reply: savepointStatus,
    status: 200,
    handle: async (service, { parameters }) => savepointStatusOf(await service.requests.operation(parameters.jobid, parameters.triggerid)),
  }),
  stopJob: route({
    method: 'POST',
    path: '/jobs/:jobid/stop',
    parameters: ofJob,
    body: z.object({ targetDirectory: z.string().nullish(), drain: z.boolean().nullish(), formatType, triggerId: hexId.nullish() }),
    reply: triggered,
    status: 202,
    handle: async (service, { parameters, body }) =>
      requestId(
        service.requests.trigger({
          jobId: parameters.jobid,
          kind: 'stop',
          format: formatOf(body.formatType),
          ...(body.drain === true ? { drain: true as const } : {}),
          ...given('directory', body.targetDirectory),
          ...given('id', body.triggerId),
        }),
      ),
  }),
  triggerCheckpoint: route({
    method: 'POST',
    path: '/jobs/:jobid/checkpoints',
    parameters: ofJob,
    /** Every checkpoint here can be restored by itself: what Flink tells apart is the same. */
    body: z.object({ checkpointType: z.enum(['CONFIGURED', 'FULL']).nullish(), triggerId: hexId.nullish() }),
    reply: triggered,
    status: 202,
    handle: async (service, { parameters, body }) =>
      requestId(service.requests.trigger({ jobId: parameters.jobid, kind: 'checkpoint', ...given('id', body.triggerId) })),
  }),
  checkpointStatus: route({
    method: 'GET',
    path: '/jobs/:jobid/checkpoints/:triggerid',
    parameters: ofOperation,
    body: nothing,
    reply: checkpointStatus,
    status: 200,
    handle: async (service, { parameters }) => checkpointStatusOf(await service.requests.operation(parameters.jobid, parameters.triggerid)),
  }),
  disposeSavepoint: route({
    method: 'POST',
    path: '/savepoint-disposal',
    parameters: nothing,
    body: z.object({ 'savepoint-path': z.string(), weir: z.object({ force: z.boolean() }).optional() }),
    reply: triggered,
    status: 200,
    handle: async (service, { body }) =>
      requestId(service.disposals.dispose({ path: service.location(body['savepoint-path']), force: body.weir?.force === true })),
  }),
  disposalStatus: route({
    method: 'GET',
    path: '/savepoint-disposal/:triggerid',
    parameters: z.object({ triggerid: hexId }),
    body: nothing,
    reply: disposalStatus,
    status: 200,
    handle: async (service, { parameters }) => disposalStatusOf(await service.disposals.disposal(parameters.triggerid)),
  }),
} as const;
