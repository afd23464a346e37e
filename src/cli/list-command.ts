import { connect, hasData } from './connect.ts';
import type { Endpoint } from './endpoint.ts';
import { jobListing, type ListingFilter } from './job-listing.ts';
import type { Terminal } from './terminal.ts';

export interface ListOptions {
  readonly dataDirectory: string;
  /** Of a control API somewhere else. */
  readonly endpoint?: Endpoint;
  readonly running: boolean;
  readonly scheduled: boolean;
  readonly all: boolean;
}

/** `weir list`: what `flink list` prints, of the local cloud. */
export async function listCommand(options: ListOptions, terminal: Terminal): Promise<number> {
  const { jobs } = await jobsOf(options);
  terminal.result(['Waiting for response...', ...jobListing(jobs, filterOf(options))], { jobs });
  return 0;
}

async function jobsOf({ dataDirectory, endpoint }: ListOptions) {
  // Nothing is created for a look: without the directory there are no jobs.
  if (endpoint === undefined && !hasData(dataDirectory)) return { jobs: [] };
  const connection = await connect({ dataDirectory, otherwise: 'look', ...(endpoint === undefined ? {} : { endpoint }) });
  try {
    return await connection.client.jobsOverview({});
  } finally {
    await connection.close();
  }
}

/** Without a flag, as with Flink: all that has not ended. */
function filterOf({ running, scheduled, all }: ListOptions): ListingFilter {
  const none = !running && !scheduled;
  return { running: running || all || none, scheduled: scheduled || all || none, terminated: all };
}
