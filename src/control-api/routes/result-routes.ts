import * as z from 'zod';
import { limits } from '../../base/limits.ts';
import { totalAccumulators } from '../../protocol/job-accumulators.ts';
import { accumulatorResult, accumulatorText, accumulatorTypes, type NamedAccumulator } from '../../values/accumulator.ts';
import type { Portable } from '../../values/portable.ts';
import { hexId } from '../replies.ts';
import { route } from '../route.ts';
import { vertexOf } from '../vertex-of.ts';
import { placeOf } from '../vertex-views.ts';
import { nothing, ofJob, ofVertex, queryText } from './parameters.ts';

const portable: z.ZodType<Portable> = z.json() as z.ZodType<Portable>;
/** Of a result: a name that leads nowhere else. */
const resultName = z
  .string()
  .min(1)
  .max(limits.nameCharactersMax)
  .regex(/^(?!\.{1,2}$)[^/\\]+$/, 'must be a name without slashes');
const accumulator = z.object({ name: z.string(), type: z.string(), value: z.string() });
const userAccumulators = z.object({ 'user-accumulators': z.array(accumulator) });

/** What jobs come to: accumulators in Flink's shapes, and what they collect. */
export const resultRoutes = {
  jobAccumulators: route({
    method: 'GET',
    path: '/jobs/:jobid/accumulators',
    group: 'queries',
    summary: 'Accumulators of a job, as of its latest checkpoint.',
    parameters: ofJob,
    body: nothing,
    reply: z.object({
      'job-accumulators': z.array(z.never()),
      'user-task-accumulators': z.array(accumulator),
      /** By Java's serialization, which there is none of here. */
      'serialized-user-task-accumulators': z.object({}),
      /** As numbers; of a histogram, how often each number was added. */
      weir: z.object({ accumulators: z.record(z.string(), z.union([z.number(), z.null(), z.record(z.string(), z.number())])) }),
    }),
    status: 200,
    handle: async (service, { parameters }) => {
      const totals = totalAccumulators(await service.results.accumulators(await service.job(parameters.jobid)));
      return {
        'job-accumulators': [],
        'user-task-accumulators': totals.map(rowOf),
        'serialized-user-task-accumulators': {},
        weir: { accumulators: Object.fromEntries(totals.map(({ name, value }) => [name, accumulatorResult(value)])) },
      };
    },
  }),
  vertexAccumulators: route({
    method: 'GET',
    path: '/jobs/:jobid/vertices/:vertexid/accumulators',
    group: 'queries',
    summary: 'Accumulators of a vertex.',
    parameters: ofVertex,
    body: nothing,
    reply: userAccumulators.extend({ id: hexId }),
    status: 200,
    handle: async (service, { parameters }) => {
      const view = await service.job(parameters.jobid);
      const { vertexId } = vertexOf(view, parameters.vertexid);
      const totals = totalAccumulators(await service.results.accumulators(view), vertexId);
      return { id: vertexId, 'user-accumulators': totals.map(rowOf) };
    },
  }),
  subtaskAccumulators: route({
    method: 'GET',
    path: '/jobs/:jobid/vertices/:vertexid/subtasks/accumulators',
    group: 'queries',
    summary: 'Accumulators of each subtask of a vertex.',
    parameters: ofVertex,
    body: nothing,
    reply: z.object({
      id: hexId,
      parallelism: z.number(),
      subtasks: z.array(userAccumulators.extend({ subtask: z.number(), attempt: z.number(), host: z.string(), endpoint: z.string() })),
    }),
    status: 200,
    handle: async (service, { parameters }) => {
      const view = await service.job(parameters.jobid);
      const { vertexId, parallelism } = vertexOf(view, parameters.vertexid);
      const stored = (await service.results.accumulators(view))?.subtasks ?? [];
      const subtasks = Array.from({ length: parallelism }, (_, subtask) => {
        const own = stored.find((each) => each.vertexId === vertexId && each.subtask === subtask);
        return {
          subtask,
          attempt: view.record.totals.restarts,
          ...placeOf(view, subtask),
          'user-accumulators': (own?.accumulators ?? []).map(rowOf),
        };
      });
      return { id: vertexId, parallelism, subtasks };
    },
  }),
  collected: route({
    method: 'GET',
    path: '/jobs/:jobid/collected',
    group: 'queries',
    summary: 'What a job collects, a page at a time.',
    query: z.object({ name: resultName.optional(), after: queryText.optional() }),
    parameters: ofJob,
    body: nothing,
    reply: z.object({
      /** Of the result that the records are of; null if there are none. */
      name: z.string().nullable(),
      /** Dates, bigint and bytes as texts. */
      records: z.array(portable),
      /** What to give as `after` for the records that follow; null: there are none now. */
      next: z.string().nullable(),
    }),
    status: 200,
    handle: async (service, { parameters, query }) => {
      const { name, after } = query;
      const of = { ...(name === undefined ? {} : { name }), ...(after === undefined ? {} : { after }) };
      const page = await service.results.collected(await service.job(parameters.jobid), of);
      return { name: page.name ?? null, records: [...page.records], next: page.next ?? null };
    },
  }),
} as const;

const rowOf = ({ name, value }: NamedAccumulator): z.infer<typeof accumulator> => ({
  name,
  type: accumulatorTypes[value.kind],
  value: accumulatorText(value),
});
