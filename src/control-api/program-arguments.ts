import { WeirError } from '../base/errors.ts';

export type ProgramArguments = { readonly [name: string]: string | boolean | readonly string[] };

/**
 * `--input a.json --rate=5 --verbose` as an object of strings: a name without a value is `true`, a name given twice a list.
 * What the values mean is the job's schema to say. Throws INVALID_ARGUMENT on anything that is no option.
 */
export function programArguments(words: readonly string[]): ProgramArguments {
  const named = new Map<string, string | true | readonly string[]>();
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const match = /^--([^=]+)(?:=([\s\S]*))?$/.exec(word);
    if (match === null) throw unexpected(word);
    const next = words[i + 1];
    const takesNext = match[2] === undefined && next !== undefined && !next.startsWith('--');
    if (takesNext) i++;
    const value = match[2] ?? (takesNext ? next : true);
    named.set(match[1]!, combine(match[1]!, named.get(match[1]!), value));
  }
  return Object.fromEntries(named);
}

function combine(
  name: string,
  before: string | true | readonly string[] | undefined,
  value: string | true,
): string | true | readonly string[] {
  if (before === undefined) return value;
  if (before === true || value === true) {
    throw new WeirError({
      code: 'INVALID_ARGUMENT',
      domain: 'user',
      message: `The job's option --${name} stands twice, once without a value.`,
    });
  }
  return typeof before === 'string' ? [before, value] : [...before, value];
}

const unexpected = (word: string): WeirError =>
  new WeirError({
    code: 'INVALID_ARGUMENT',
    domain: 'user',
    message: `"${word}" is no option of a job: expected --name value.`,
    advice: "Write the job's options after --, each as --name value.",
  });
