import * as z from 'zod';
import type { SnapshotFormat } from '../../protocol/request.ts';
import type { ControlService } from '../control-service.ts';
import { checkpointStatus, checkpointStatusOf, savepointStatus, savepointStatusOf } from '../operation-views.ts';
import { hexId } from '../replies.ts';
import { route } from '../route.ts';
import { nothing, ofJob, place } from './parameters.ts';
import { requestId, triggered } from './triggered.ts';

const ofOperation = z.object({ jobid: hexId, triggerid: hexId });
const formatType = z.enum(['CANONICAL', 'NATIVE']).nullish();

/** What Flink takes where nothing is said. */
const formatOf = (said: z.infer<typeof formatType>): SnapshotFormat => (said === 'NATIVE' ? 'native' : 'canonical');

const given = <Name extends string, T>(name: Name, value: T | null | undefined): Partial<Record<Name, T>> =>
  value === null || value === undefined ? {} : ({ [name]: value } as Record<Name, T>);

/** Blank is none: the default then. */
const directoryOf = (service: ControlService, said: string | null | undefined): { readonly directory?: string } =>
  said == null || said.trim() === '' ? {} : { directory: service.location(said) };

/** Savepoints and checkpoints that somebody asks for, and how it went. */
export const savepointRoutes = {
  triggerSavepoint: route({
    method: 'POST',
    path: '/jobs/:jobid/savepoints',
    group: 'trigger',
    summary: 'Asks for a savepoint; `cancel-job`: cancel with it, both or neither.',
    parameters: ofJob,
    body: z.object({
      'target-directory': place.nullish(),
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
          ...directoryOf(service, body['target-directory']),
          ...given('id', body.triggerId),
        }),
      ),
  }),
  savepointStatus: route({
    method: 'GET',
    path: '/jobs/:jobid/savepoints/:triggerid',
    group: 'trigger',
    summary: 'What became of a savepoint, or of a stop.',
    parameters: ofOperation,
    body: nothing,
    reply: savepointStatus,
    status: 200,
    handle: async (service, { parameters }) => savepointStatusOf(await service.requests.settled(parameters.jobid, parameters.triggerid)),
  }),
  stopJob: route({
    method: 'POST',
    path: '/jobs/:jobid/stop',
    group: 'trigger',
    summary: 'Asks to end a job FINISHED with a savepoint.',
    parameters: ofJob,
    body: z.object({ targetDirectory: place.nullish(), drain: z.boolean().nullish(), formatType, triggerId: hexId.nullish() }),
    reply: triggered,
    status: 202,
    handle: async (service, { parameters, body }) =>
      requestId(
        service.requests.trigger({
          jobId: parameters.jobid,
          kind: 'stop',
          format: formatOf(body.formatType),
          ...(body.drain === true ? { drain: true as const } : {}),
          ...directoryOf(service, body.targetDirectory),
          ...given('id', body.triggerId),
        }),
      ),
  }),
  triggerCheckpoint: route({
    method: 'POST',
    path: '/jobs/:jobid/checkpoints',
    group: 'trigger',
    summary: 'Asks for a checkpoint now.',
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
    group: 'trigger',
    summary: 'What became of a checkpoint that was asked for.',
    parameters: ofOperation,
    body: nothing,
    reply: checkpointStatus,
    status: 200,
    handle: async (service, { parameters }) => checkpointStatusOf(await service.requests.operation(parameters.jobid, parameters.triggerid)),
  }),
} as const;
