import { WeirError } from '../base/errors.ts';
import type { RetentionPolicy } from '../graph/retention-policy.ts';

/** At most so many checkpoints are kept besides the latest: the job record names each of them. */
const keptMax = 100;

const endings = ['onCancel', 'onFailure', 'onFinish'] as const;

/** Throws INVALID_JOB for a retention policy or a savepoint directory that would only be found wrong when it is needed. */
export function checkCheckpointing(
  name: string,
  retention: Partial<RetentionPolicy> | undefined,
  savepointDirectory: string | undefined,
): void {
  const { kept } = retention ?? {};
  if (kept !== undefined && !(Number.isInteger(kept) && kept >= 1 && kept <= keptMax)) {
    throw invalid(name, 'checkpointing.retention.kept', `a whole number from 1 to ${keptMax}`, kept);
  }
  for (const ending of endings) {
    const said = retention?.[ending];
    if (said !== undefined && said !== 'retain' && said !== 'delete')
      throw invalid(name, `checkpointing.retention.${ending}`, '"retain" or "delete"', said);
  }
  if (savepointDirectory !== undefined && !/^(s3:\/\/[^/]|file:\/\/\/|\/)/.test(savepointDirectory))
    throw invalid(
      name,
      'savepoints.directory',
      'a URI that begins with "s3://<bucket>" or "file:///", or an absolute path',
      savepointDirectory,
    );
}

function invalid(name: string, what: string, expected: string, found: unknown): WeirError {
  return new WeirError({
    code: 'INVALID_JOB',
    domain: 'program',
    message: `${what} of job "${name}" should be ${expected}; found ${JSON.stringify(found)}.`,
    advice: 'Change it in defineJob({ ... }), or leave it out.',
  });
}
