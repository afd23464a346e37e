import { shownStatus } from '../../job/job-service.ts';
import { isAlive } from '../../protocol/job-record.ts';
import { programList } from '../program-replies.ts';
import { clusterOverview, dashboardConfiguration } from '../replies.ts';
import { route } from '../route.ts';
import { nothing, plain } from './parameters.ts';

/** What the dashboard asks before anything else, and the programs that are deployed. */
export const clusterRoutes = {
  configuration: route({
    method: 'GET',
    path: '/config',
    group: 'queries',
    summary: 'What the dashboard asks for first.',
    parameters: nothing,
    body: nothing,
    reply: dashboardConfiguration,
    status: 200,
    handle: async (service) => ({
      'refresh-interval': 3_000,
      'timezone-name': Intl.DateTimeFormat().resolvedOptions().timeZone,
      'timezone-offset': -60_000 * new Date(service.now()).getTimezoneOffset(),
      'flink-version': `Weir ${service.version}`,
      'flink-revision': service.version,
      features: { 'web-submit': false, 'web-cancel': false, 'web-rescale': false, 'web-history': false },
      weir: { instance: service.instance ?? null },
    }),
  }),
  overview: route({
    method: 'GET',
    path: '/overview',
    group: 'queries',
    summary: 'Counts of jobs and slots.',
    parameters: nothing,
    body: nothing,
    reply: clusterOverview,
    status: 200,
    handle: async (service) => {
      const [views, programs] = await Promise.all([service.jobs.list(), service.programs()]);
      const states = views.map(({ record }) => shownStatus(record));
      const count = (...wanted: readonly string[]) => states.filter((state) => wanted.includes(state)).length;
      const ended = count('FINISHED', 'CANCELED', 'FAILED');
      const slots = programs.reduce((sum, program) => sum + program.slotFunctions.length, 0);
      const used = views.reduce((sum, { description, record }) => sum + (isAlive(record) ? description.slots : 0), 0);
      return {
        taskmanagers: programs.length,
        'slots-total': slots,
        'slots-available': Math.max(0, slots - used),
        'jobs-running': states.length - ended,
        'jobs-finished': count('FINISHED'),
        'jobs-cancelled': count('CANCELED'),
        'jobs-failed': count('FAILED'),
        'flink-version': `Weir ${service.version}`,
        'flink-commit': service.version,
      };
    },
  }),
  programs: route({
    method: 'GET',
    path: '/jars',
    group: 'queries',
    summary: 'The programs that are deployed.',
    parameters: nothing,
    body: nothing,
    reply: programList,
    status: 200,
    handle: async (service) => ({
      address: '',
      files: (await service.programs()).map(({ programId, name, createdAt }) => ({
        id: programId,
        name,
        uploaded: createdAt,
        entry: [{ name, description: null }],
      })),
    }),
  }),
  openApi: route({
    method: 'GET',
    path: '/openapi.json',
    group: 'queries',
    summary: 'This API as an OpenAPI 3.1 document.',
    parameters: nothing,
    body: nothing,
    reply: plain<object>(),
    status: 200,
    // Loaded only if somebody asks for it. What makes the document needs every route, which not every function has.
    handle: async () => (await import('../../../docs/openapi.json', { with: { type: 'json' } })).default,
  }),
} as const;
