import { WeirError } from '../src/base/errors.ts';
import { limits } from '../src/base/limits.ts';
import { awsCloud, loadedAwsCloud } from '../src/cloud/aws/index.ts';
import type { Cloud } from '../src/cloud/index.ts';
import type { FreezePolicy } from '../src/values/freeze-sample.ts';

/** `WEIR_TIME_LIMITS=off`: the deadlines of commands don't count, since a debugger may hold what runs. */
export const hasTimeLimits = (): boolean => process.env['WEIR_TIME_LIMITS'] !== 'off';

/** `WEIR_FREEZE=sample`: some values are frozen, so that a change in place throws. For development. */
export const freezePolicy = (): FreezePolicy => (process.env['WEIR_FREEZE'] === 'sample' ? 'sample' : 'none');

/** `WEIR_DEPLOYMENT`: whose jobs these are. With it, checkpoints are told in the log and as metrics. */
export const deploymentOfEnvironment = (): string | undefined => process.env['WEIR_DEPLOYMENT'];

/** `WEIR_LEVEL_MS`: what a slot has for one level of one epoch, in milliseconds. */
export function levelMsMax(): number | undefined {
  const text = process.env['WEIR_LEVEL_MS'];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value <= limits.levelMsMax) return value;
  throw new WeirError({
    code: 'NOT_CONFIGURED',
    domain: 'user',
    message: `The environment variable WEIR_LEVEL_MS must be a whole number of milliseconds, 1 to ${limits.levelMsMax}, but is "${text}".`,
  });
}

/** The table comes from the function's environment; region, endpoint and credentials from AWS's usual places. */
export const cloudOfEnvironment = (): Cloud => awsCloud({ table: tableOfEnvironment() });

/** The same for functions that ask for records and objects in every call: their clients are loaded while the function is. */
export const loadedCloudOfEnvironment = (): Promise<Cloud> => loadedAwsCloud({ table: tableOfEnvironment() });

const tableOfEnvironment = (): string => needed('WEIR_TABLE', 'it names the table of the deployment');

/** `WEIR_STATE_ROOT`: where checkpoints go. */
export const stateRootOfEnvironment = (): string => needed('WEIR_STATE_ROOT', 'it names where checkpoints go');

function needed(name: string, meaning: string): string {
  const value = process.env[name];
  if (value !== undefined) return value;
  throw new WeirError({ code: 'NOT_CONFIGURED', domain: 'user', message: `The environment variable ${name} is missing: ${meaning}.` });
}

/** `WEIR_SAVEPOINTS_DIR`: where savepoints go that name no directory. */
export function savepointDirectoryOfEnvironment(): string | undefined {
  const directory = process.env['WEIR_SAVEPOINTS_DIR'];
  return directory === '' ? undefined : directory;
}
