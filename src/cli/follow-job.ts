import type { Clock } from '../base/clock.ts';
import { WeirError } from '../base/errors.ts';
import type { ControlClient } from '../control-api/client.ts';
import type { JobDetails } from '../control-api/replies.ts';
import { type ProgressEvent, progressBetween } from './job-progress.ts';

export interface FollowOptions {
  readonly client: ControlClient;
  readonly jobId: string;
  readonly clock: Clock;
  /** Aborted: stop looking. The job does not notice. */
  readonly signal: AbortSignal;
  /** Calls when the job may have ended, so that nobody waits for the next look. Returns how to hear no more. */
  readonly onNews?: (listener: () => void) => () => void;
  readonly onProgress: (event: ProgressEvent, job: JobDetails) => void;
}

const pollMs = 150;
/** A busy machine may keep the server from answering; a server that is gone does not come back. */
const failuresInARowMax = 20;

/** Looks at a job until it has ended; gives its last state, or what was seen last when aborted. */
export async function followJob(options: FollowOptions): Promise<JobDetails | undefined> {
  let before: JobDetails | undefined;
  let failures = 0;
  while (!options.signal.aborted) {
    try {
      const now = await options.client.job({ jobid: options.jobId });
      failures = 0;
      for (const event of progressBetween(before, now)) options.onProgress(event, now);
      before = now;
      if (now['end-time'] !== -1) return now;
    } catch (thrown) {
      const isPassing = WeirError.is(thrown) && thrown.domain === 'external';
      if (options.signal.aborted) return before;
      if (!isPassing || ++failures > failuresInARowMax) throw thrown;
    }
    await pause(options);
  }
  return before;
}

async function pause({ clock, signal, onNews }: FollowOptions): Promise<void> {
  const news = new AbortController();
  const forget = onNews?.(() => news.abort());
  await clock.sleep(pollMs, AbortSignal.any([signal, news.signal])).catch(() => undefined);
  forget?.();
}
