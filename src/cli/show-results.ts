import type { ControlClient } from '../control-api/client.ts';
import type { Terminal } from './terminal.ts';

/**
 * Shows what a job has come to, when it has ended: what it collects, a line of JSON for each record, under the result's name
 * if there are several; then its accumulators.
 */
export async function showResults(client: ControlClient, jobId: string, terminal: Terminal): Promise<void> {
  await showCollected(client, jobId, terminal);
  const { weir } = await client.jobAccumulators({ jobid: jobId });
  const accumulators = Object.entries(weir.accumulators);
  if (accumulators.length === 0) return;
  const width = Math.max(...accumulators.map(([name]) => name.length));
  const lines = accumulators.map(([name, value]) => `  ${name.padEnd(width)}  ${shown(value)}`);
  terminal.result(['Accumulators:', ...lines], { event: 'accumulators', jobId, accumulators: weir.accumulators });
}

async function showCollected(client: ControlClient, jobId: string, terminal: Terminal): Promise<void> {
  let several: boolean | undefined;
  let after: string | undefined;
  for (;;) {
    const page = await client.collected({ jobid: jobId }, {}, after === undefined ? {} : { after });
    if (page.next === null) return;
    several ??= await isFollowedByAnother(client, jobId, page.name!);
    for (const record of page.records) {
      const label = several ? `${page.name}> ` : '';
      terminal.result([`${label}${JSON.stringify(record)}`], { event: 'collected', jobId, name: page.name, record });
    }
    after = page.next;
  }
}

/** Whether results of another name come after this one, the first; `~` is behind all that a checkpoint begins with. */
async function isFollowedByAnother(client: ControlClient, jobId: string, name: string): Promise<boolean> {
  return (await client.collected({ jobid: jobId }, {}, { after: `${name}/~` })).next !== null;
}

const shown = (value: unknown): string =>
  value === null ? 'nothing was added' : typeof value === 'number' ? String(value) : JSON.stringify(value);
