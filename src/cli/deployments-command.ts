import type { DeploymentDetails, DeploymentView } from '../control-api/deployment-replies.ts';
import { connect, hasData } from './connect.ts';
import type { Endpoint } from './endpoint.ts';
import type { Terminal } from './terminal.ts';

export interface DeploymentsOptions {
  readonly dataDirectory: string;
  readonly endpoint?: Endpoint;
  readonly name?: string;
}

/** `weir deployments`: each with its job, program, operation in flight and what came of the last one, in words. */
export async function deploymentsCommand({ dataDirectory, endpoint, name }: DeploymentsOptions, terminal: Terminal): Promise<number> {
  if (endpoint === undefined && name === undefined && !hasData(dataDirectory)) {
    terminal.result(['There are no deployments.'], { deployments: [] });
    return 0;
  }
  const { client, close } = await connect({ dataDirectory, otherwise: 'look', ...(endpoint === undefined ? {} : { endpoint }) });
  try {
    if (name !== undefined) {
      const details = await client.deployment({ deployment: name });
      terminal.result([...linesOf(details), ...savepointLines(details)], details);
      return 0;
    }
    const { deployments } = await client.deployments({});
    const lines = deployments.flatMap((each, index) => (index === 0 ? linesOf(each) : ['', ...linesOf(each)]));
    terminal.result(lines.length === 0 ? ['There are no deployments.'] : lines, { deployments });
    return 0;
  } finally {
    await close();
  }
}

const timeOf = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

function linesOf({ name, deleted, job, program, operation, last, schedule }: DeploymentView): readonly string[] {
  return [
    `${name}${deleted ? ' (deleted)' : ''}`,
    ...(job === null ? [] : [`  job        ${job.id} (${job.status})`]),
    ...(program === null ? [] : [`  program    ${program}`]),
    ...(operation === null ? [] : [`  in flight  ${operation.kind} at ${operation.stage}, since ${timeOf(operation.begunAt)}`]),
    ...(last === null ? [] : [`  last       ${last.kind} ${last.outcome}, ${timeOf(last.at)}`, `             ${last.words}`]),
    ...(schedule === null ? [] : [`  savepoints ${scheduleLine(schedule)}`]),
  ];
}

function scheduleLine({ expression, timeZone, keep, maxAgeMs }: NonNullable<DeploymentView['schedule']>): string {
  const kept = [
    ...(keep === null ? [] : [`the latest ${keep} are kept`]),
    ...(maxAgeMs === null ? [] : [`those older than ${maxAgeMs / 3_600_000} h go`]),
  ];
  return [`${expression} in ${timeZone ?? 'UTC'}`, ...kept].join('; ');
}

const savepointLines = ({ savepoints }: DeploymentDetails): readonly string[] =>
  savepoints.map(({ scheduledAt, state, words }) => `  ${timeOf(scheduledAt)} ${state}: ${words}`);
