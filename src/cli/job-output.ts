import type { Clock } from '../base/clock.ts';
import { FunctionLogReader, logFolder } from '../local-cloud/function-logs.ts';
import { type FunctionOutput, functionOutput } from './function-output.ts';

/** What functions print while one job is followed, without what they print for others. */
export class JobOutput {
  readonly #show: (output: FunctionOutput) => void;
  /** What came before the job had its id. */
  readonly #early: FunctionOutput[] = [];
  #jobId: string | undefined;

  constructor(show: (output: FunctionOutput) => void) {
    this.#show = show;
  }

  /** A line as a function printed it. */
  take(functionName: string, line: string): void {
    const output = functionOutput(functionName, line);
    if (this.#jobId === undefined) this.#early.push(output);
    else if (this.#isShown(output)) this.#show(output);
  }

  /** What `build` prints in every cold start was shown when it ran here; what is no line of a log may be Node's last words. */
  #isShown({ log }: FunctionOutput): boolean {
    return log === undefined || (log.jobId === this.#jobId && log.operator !== undefined);
  }

  begin(jobId: string): void {
    this.#jobId = jobId;
    for (const { functionName, line } of this.#early.splice(0)) this.take(functionName, line);
  }
}

/**
 * What functions printed for a job, from the files of a data directory: all there is at first, then what has come since.
 * A line that says nothing of a job is taken for one of the job that its function printed for before.
 */
export class StoredJobOutput {
  readonly #reader: FunctionLogReader;
  readonly #jobId: string;
  readonly #latestJob = new Map<string, string>();

  constructor(dataDirectory: string, jobId: string) {
    this.#reader = new FunctionLogReader(logFolder(dataDirectory));
    this.#jobId = jobId;
  }

  /** In the order of time. */
  read(): readonly FunctionOutput[] {
    const found = this.#reader.read().flatMap(({ functionName, lines }) =>
      lines.flatMap((line) => {
        const output = functionOutput(functionName, line);
        const jobId = output.log?.jobId ?? this.#latestJob.get(functionName);
        if (jobId !== undefined) this.#latestJob.set(functionName, jobId);
        return jobId === this.#jobId ? [output] : [];
      }),
    );
    return found.sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : timeOf(a) > timeOf(b) ? 1 : 0));
  }
}

const timeOf = ({ log }: FunctionOutput): string => log?.time ?? '';

const pollMs = 200;

/** Shows what comes until the signal is aborted, and then what has come by then. */
export async function followOutput(
  stored: StoredJobOutput,
  show: (output: FunctionOutput) => void,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    for (const output of stored.read()) show(output);
    await clock.sleep(pollMs, signal).catch(() => undefined);
  }
  for (const output of stored.read()) show(output);
}
