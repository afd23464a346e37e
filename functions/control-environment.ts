import { WeirError } from '../src/base/errors.ts';
import { version } from '../src/base/version.ts';
import { ControlService } from '../src/control-api/control-service.ts';
import { cloudOfEnvironment, savepointDirectoryOfEnvironment, stateRootOfEnvironment } from './environment.ts';

/**
 * `WEIR_STATE_ROOT`: where checkpoints go. `WEIR_SAVEPOINTS_DIR`: where savepoints go that name no directory.
 * `WEIR_SAVEPOINT_PREFIXES`: a JSON array of the URIs below which requests may name paths, beside those two.
 */
export function controlServiceOfEnvironment(): ControlService {
  const stateRoot = stateRootOfEnvironment();
  const savepointDirectory = savepointDirectoryOfEnvironment();
  return new ControlService(cloudOfEnvironment(), {
    stateRoot,
    version,
    ...(savepointDirectory === undefined ? {} : { savepointDirectory }),
    allowedPrefixes: prefixesOf(process.env['WEIR_SAVEPOINT_PREFIXES']),
  });
}

function prefixesOf(text: string | undefined): readonly string[] {
  if (text === undefined || text === '') return [];
  const prefixes = parsed(text);
  if (Array.isArray(prefixes) && prefixes.every((each) => typeof each === 'string')) return prefixes;
  throw notConfigured(`WEIR_SAVEPOINT_PREFIXES must be a JSON array of URIs, but is ${JSON.stringify(text)}.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const notConfigured = (what: string): WeirError =>
  new WeirError({ code: 'NOT_CONFIGURED', domain: 'user', message: `The environment variable ${what}` });
