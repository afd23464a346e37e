import * as z from 'zod';
import type { ManifestSubtask } from '../../protocol/manifest.ts';
import type { ControlService } from '../control-service.ts';
import { route } from '../route.ts';
import { aggregatedMetricsOf, metricsOfSubtasks, watermarksOf } from '../vertex-metrics.ts';
import { vertexOf } from '../vertex-of.ts';
import {
  aggregatedMetricList,
  metricList,
  subtaskTimes,
  vertexBackPressure,
  vertexDetails,
  vertexTaskManagers,
} from '../vertex-replies.ts';
import { subtaskTimesOf, vertexBackPressureOf, vertexDetailsOf, vertexTaskManagersOf } from '../vertex-views.ts';
import { nothing, ofVertex, queryText } from './parameters.ts';

/** The vertices of a job; their accumulators are with the job's results. */
export const vertexRoutes = {
  vertex: route({
    method: 'GET',
    path: '/jobs/:jobid/vertices/:vertexid',
    group: 'queries',
    summary: 'A vertex and its subtasks.',
    parameters: ofVertex,
    body: nothing,
    reply: vertexDetails,
    status: 200,
    handle: async (service, { parameters }) => {
      const view = await service.job(parameters.jobid);
      return vertexDetailsOf(view, vertexOf(view, parameters.vertexid), service.now());
    },
  }),
  vertexSubtaskTimes: route({
    method: 'GET',
    path: '/jobs/:jobid/vertices/:vertexid/subtasktimes',
    group: 'queries',
    summary: 'Since when each subtask is in its state.',
    parameters: ofVertex,
    body: nothing,
    reply: subtaskTimes,
    status: 200,
    handle: async (service, { parameters }) => {
      const view = await service.job(parameters.jobid);
      return subtaskTimesOf(view, vertexOf(view, parameters.vertexid), service.now());
    },
  }),
  vertexTaskManagers: route({
    method: 'GET',
    path: '/jobs/:jobid/vertices/:vertexid/taskmanagers',
    group: 'queries',
    summary: 'Slots that run a vertex.',
    parameters: ofVertex,
    body: nothing,
    reply: vertexTaskManagers,
    status: 200,
    handle: async (service, { parameters }) => {
      const view = await service.job(parameters.jobid);
      return vertexTaskManagersOf(view, vertexOf(view, parameters.vertexid), service.now());
    },
  }),
  vertexBackPressure: route({
    method: 'GET',
    path: '/jobs/:jobid/vertices/:vertexid/backpressure',
    group: 'queries',
    summary: 'Back pressure of a vertex: there is none between epochs.',
    parameters: ofVertex,
    body: nothing,
    reply: vertexBackPressure,
    status: 200,
    handle: async (service, { parameters }) => {
      const view = await service.job(parameters.jobid);
      return vertexBackPressureOf(view, vertexOf(view, parameters.vertexid), service.now());
    },
  }),
  vertexWatermarks: route({
    method: 'GET',
    path: '/jobs/:jobid/vertices/:vertexid/watermarks',
    group: 'queries',
    summary: 'The watermark of each subtask.',
    parameters: ofVertex,
    body: nothing,
    reply: metricList,
    status: 200,
    handle: async (service, { parameters }) => watermarksOf(await subtasksOf(service, parameters)),
  }),
  vertexMetrics: route({
    method: 'GET',
    path: '/jobs/:jobid/vertices/:vertexid/metrics',
    group: 'queries',
    summary: 'Metrics of a vertex.',
    query: z.object({ get: queryText.optional() }),
    parameters: ofVertex,
    body: nothing,
    reply: metricList,
    status: 200,
    handle: async (service, { parameters, query }) => metricsOfSubtasks(await subtasksOf(service, parameters), query.get),
  }),
  subtaskMetrics: route({
    method: 'GET',
    path: '/jobs/:jobid/vertices/:vertexid/subtasks/metrics',
    group: 'queries',
    summary: 'Metrics of the subtasks of a vertex, aggregated.',
    query: z.object({ get: queryText.optional(), agg: queryText.optional(), subtasks: queryText.optional() }),
    parameters: ofVertex,
    body: nothing,
    reply: aggregatedMetricList,
    status: 200,
    handle: async (service, { parameters, query }) =>
      aggregatedMetricsOf(await subtasksOf(service, parameters), {
        get: query.get,
        agg: query.agg,
        subtasks: query.subtasks,
      }),
  }),
} as const;

/** As of the latest checkpoint; none before the first. */
async function subtasksOf(
  service: ControlService,
  { jobid, vertexid }: { readonly jobid: string; readonly vertexid: string },
): Promise<readonly ManifestSubtask[]> {
  const view = await service.job(jobid);
  return (await service.checkpoints.subtasks(view, vertexOf(view, vertexid).vertexId)) ?? [];
}
