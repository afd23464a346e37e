import { Token } from 'aws-cdk-lib';
import { WeirError } from '../src/base/errors.ts';
import { limits } from '../src/base/limits.ts';
import type { StreamJobProps } from './stream-job.ts';

/** Throws INVALID_OPTION for what no deployment could make good. What the job itself says is looked at when it is planned. */
export function checkStreamJobProps(props: StreamJobProps): void {
  wholeNumber('slots', props.slots, 1, limits.deploymentSlotsMax);
  wholeNumber('parallelism', props.parallelism, 1, limits.parallelismMax);
  wholeNumber('memorySize', props.memorySize, 512, 10_240);
  wholeNumber('checkpointInterval in milliseconds', props.checkpointInterval?.toMilliseconds(), 1, 86_400_000);
  wholeNumber('upgradeTimeout in milliseconds', props.upgradeTimeout?.toMilliseconds(), 60_000, limits.upgradeMsMax);
  wholeNumber('savepointRetention.keep', props.savepointRetention?.keep, 1, Number.MAX_SAFE_INTEGER);
  wholeNumber('savepointRetention.maxAge in milliseconds', props.savepointRetention?.maxAge?.toMilliseconds(), 1, Number.MAX_SAFE_INTEGER);
  const { deploymentName } = props;
  if (deploymentName !== undefined && !/^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/.test(deploymentName)) {
    throw invalid('deploymentName', 'should be 1 to 40 letters, digits and "-", a letter or digit first', deploymentName);
  }
  const taken = Object.keys(props.environment ?? {}).find((name) => name.startsWith('WEIR_') || name === 'NODE_OPTIONS');
  if (taken !== undefined) throw invalid('environment', 'should have no names that Weir takes (WEIR_..., NODE_OPTIONS)', taken);
}

function wholeNumber(name: string, value: number | undefined, min: number, max: number): void {
  if (value === undefined || Token.isUnresolved(value)) return;
  if (!Number.isInteger(value) || value < min || value > max) throw invalid(name, `should be a whole number, ${min} to ${max}`, value);
}

const invalid = (name: string, expected: string, found: unknown): WeirError =>
  new WeirError({ code: 'INVALID_OPTION', domain: 'user', message: `StreamJob: ${name} ${expected}, but is ${JSON.stringify(found)}.` });
