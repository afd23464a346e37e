import { WeirError } from '../../base/errors.ts';

const pattern = /^[a-z][a-z0-9-]{0,63}$/;

/** What is good as the name of an npm package, of a job and of a CloudFormation stack. */
export const isProjectName = (text: string): boolean => pattern.test(text);

export const projectNameRule = 'lower-case letters, digits and hyphens, a letter first, 64 at most';

/** The name that a project has after its directory. Throws BAD_COMMAND if none can be made of that. */
export function projectName(directoryName: string): string {
  const name = directoryName
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  if (isProjectName(name)) return name;
  throw new WeirError({
    code: 'BAD_COMMAND',
    domain: 'user',
    message: `No project can be named after the directory "${directoryName}": a name is ${projectNameRule}.`,
    advice: 'Give it one with --name.',
  });
}
