import type { JobRow, JobStatus } from '../control-api/replies.ts';

export interface ListingFilter {
  readonly running: boolean;
  readonly scheduled: boolean;
  readonly terminated: boolean;
}

const scheduledStates: ReadonlySet<JobStatus> = new Set(['CREATED']);
const terminatedStates: ReadonlySet<JobStatus> = new Set(['FINISHED', 'CANCELED', 'FAILED']);

/** The lines of `flink list`, byte for byte, so that scripts around it go on working. */
export function jobListing(jobs: readonly JobRow[], filter: ListingFilter): readonly string[] {
  const byStart = jobs.toSorted((a, b) => a['start-time'] - b['start-time']);
  const isRunning = (job: JobRow) => !scheduledStates.has(job.state) && !terminatedStates.has(job.state);
  return [
    ...(filter.running ? section('Running/Restarting Jobs', byStart.filter(isRunning), 'No running jobs.') : []),
    ...(filter.scheduled
      ? section(
          'Scheduled Jobs',
          byStart.filter((job) => scheduledStates.has(job.state)),
          'No scheduled jobs.',
        )
      : []),
    ...(filter.terminated
      ? section(
          'Terminated Jobs',
          byStart.filter((job) => terminatedStates.has(job.state)),
          undefined,
        )
      : []),
  ];
}

const width = 62;

function section(title: string, jobs: readonly JobRow[], empty: string | undefined): readonly string[] {
  if (jobs.length === 0) return empty === undefined ? [] : [empty];
  const dashes = width - title.length - 2;
  const left = '-'.repeat(Math.floor(dashes / 2));
  return [`${left} ${title} ${'-'.repeat(dashes - left.length)}`, ...jobs.map(row), '-'.repeat(width)];
}

const row = (job: JobRow): string => `${localTime(job['start-time'])} : ${job.jid} : ${job.name} (${job.state})`;

/** `dd.MM.yyyy HH:mm:ss` in this machine's time zone. */
function localTime(ms: number): string {
  const at = new Date(ms);
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${two(at.getDate())}.${two(at.getMonth() + 1)}.${at.getFullYear()}`;
  return `${date} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
