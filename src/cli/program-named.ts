import { WeirError } from '../base/errors.ts';

/** Whether a word names a job by its file, and not a program by its name. */
export const isJobFile = (said: string): boolean => /\.[cm]?[jt]s$/.test(said);

/** Somewhere else, code comes by deployment only: it has functions, roles and logs, and a review before it. */
export function programNamed(said: string | undefined): string {
  if (said !== undefined && !isJobFile(said)) return said;
  throw new WeirError({
    code: 'BAD_COMMAND',
    domain: 'user',
    message:
      said === undefined
        ? 'weir run needs the name of a program when it asks an endpoint.'
        : `At an endpoint, weir run takes the name of a deployed program, but "${said}" is a file.`,
    advice: 'Deploy it (npx cdk deploy), then name the program; GET /jars lists what is deployed.',
  });
}
