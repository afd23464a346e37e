import type { DeploymentOperation } from '../protocol/deployment-record.ts';
import type { Observation } from './upgrade-transitions.ts';

const from = (path: string | undefined): string => (path === undefined ? 'from nothing' : `from ${path}`);

/** What operations of deployments say: it stands in a stack's events and in `weir deployments`. */
export const words = {
  of: (found: Observation): string => ('words' in found ? found.words : `It came to an unexpected ${found.kind}.`),

  publishedOnly: (programId: string): string => `Program ${programId} is published; the upgrade mode is manual, so no job was touched.`,

  runsAlready: (jobId: string): string => `Job ${jobId} runs this program with these arguments already; nothing was touched.`,

  staysEnded: (jobId: string, status: string): string =>
    `The program is published. Job ${jobId} is ${status}, which a deployment leaves as it is: begin the next one from a savepoint of your choice.`,

  untouched: (why: string): string => `${why} The job that runs was not touched.`,

  staysInstead: (why: string): string => `The job stays on the program that it runs: going back was not possible. ${why}`,

  unsettled: (found: Observation): string =>
    `What an earlier operation had begun did not come to its end in time, so nothing else was begun. ${words.of(found)}`,

  upgraded: ({ old, from: start }: DeploymentOperation, jobId: string, checkpoint: number): string => {
    const where = start?.kind === 'snapshot' ? `from ${start.path}` : 'from nothing';
    const before = old === undefined ? '' : ` in the place of job ${old}`;
    return `Job ${jobId} runs the program${before}: it began ${where} and has completed checkpoint ${checkpoint}.`;
  },

  canceledByHand: (jobId: string, path: string | undefined): string =>
    `The program is published. Job ${jobId} was canceled by hand before its first checkpoint, and stays so; it had begun ${from(path)}.`,

  noCheckpoint: (why: string): string => `The new job did not complete a checkpoint. ${why}`,

  undone: (why: string, path: string | undefined): string =>
    `${why} It was canceled${path === undefined ? '' : `; what it began from stays: ${path}`}.`,

  resumed: (why: string, jobId: string, path: string | undefined): string =>
    `${why} Job ${jobId} runs the program of before again, ${from(path)}.`,

  broughtBack: (jobId: string, path: string | undefined): string =>
    `The program is published; the upgrade mode is manual, so job ${jobId} runs the program of before again, ${from(path)}.`,

  lost: (why: string | undefined, old: string, path: string | undefined, reason: string): string =>
    `${why === undefined ? '' : `${why} `}The program of job ${old} could not be begun again: ${reason} No job runs${
      path === undefined ? '' : `; its state is in ${path}`
    }.`,

  removed: (said: string, path: string | undefined): string =>
    `The deployment is deleted.${path === undefined ? '' : ` Its last job can be restored from ${path}.`}${said === '' ? '' : ` ${said}`}`,
};
