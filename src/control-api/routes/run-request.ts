import * as z from 'zod';
import { limits } from '../../base/limits.ts';
import type { SubmitRequest } from '../../job/job-service.ts';
import type { Portable } from '../../values/portable.ts';
import type { ControlService } from '../control-service.ts';
import { programArguments } from '../program-arguments.ts';
import { hexId } from '../replies.ts';
import { place } from './parameters.ts';

const portable: z.ZodType<Portable> = z.json();

const fits = (value: unknown): boolean => Buffer.byteLength(JSON.stringify(value)) <= limits.argumentsBytesMax;
const tooLong = `must have at most ${limits.argumentsBytesMax} bytes as JSON`;

/** What POST /jars/:id/run takes, and what asks what that would do, by Flink's names; ours are under `weir`. */
export const runRequest = z.object({
  /** An object of arguments; or Flink's one line of words, split at blanks. */
  programArgs: z.union([z.string().max(limits.argumentsBytesMax), z.record(z.string(), portable).refine(fits, tooLong)]).nullish(),
  programArgsList: z.array(z.string()).max(limits.argumentWordsMax).refine(fits, tooLong).nullish(),
  parallelism: z.number().int().min(1).max(limits.parallelismMax).nullish(),
  jobId: hexId.nullish(),
  savepointPath: place.nullish(),
  allowNonRestoredState: z.boolean().nullish(),
  /** Flink's older LEGACY never deletes and never rewrites: it is not offered. */
  claimMode: z.enum(['CLAIM', 'NO_CLAIM']).nullish(),
  weir: z
    .object({
      checkpointIntervalMs: z.number().int().min(1).max(limits.checkpointIntervalMsMax).optional(),
      stateBackend: z.enum(['memory', 'dynamodb', 'filesystem']).optional(),
    })
    .optional(),
});
type RunRequest = z.infer<typeof runRequest>;

/** Of a program by its id. Throws PATH_NOT_ALLOWED, INVALID_ARGUMENT. */
export function submitRequestOf(service: ControlService, programId: string, body: RunRequest): SubmitRequest {
  const { checkpointIntervalMs, stateBackend } = body.weir ?? {};
  return {
    programId,
    args: argumentsOf(body),
    ...(body.parallelism == null ? {} : { parallelism: body.parallelism }),
    ...(body.jobId == null ? {} : { jobId: body.jobId }),
    ...(checkpointIntervalMs === undefined ? {} : { checkpointIntervalMs }),
    ...(stateBackend === undefined ? {} : { stateBackend }),
    ...restoreOf(service, body),
  };
}

function restoreOf(
  service: ControlService,
  { savepointPath, allowNonRestoredState, claimMode }: RunRequest,
): Pick<SubmitRequest, 'restore'> {
  if (savepointPath == null || savepointPath === '') return {};
  const restore = { path: service.location(savepointPath), allowNonRestoredState: allowNonRestoredState === true };
  return { restore: claimMode == null ? restore : { ...restore, claimMode: claimMode === 'CLAIM' ? 'claim' : 'no_claim' } };
}

function argumentsOf(body: RunRequest): Portable {
  if (typeof body.programArgs === 'object' && body.programArgs !== null) return body.programArgs;
  const words = body.programArgsList ?? (body.programArgs ?? '').split(/\s+/).filter((word) => word !== '');
  return programArguments(words);
}
