import { resolve } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { WeirError } from '../base/errors.ts';
import { systemRandom } from '../base/random.ts';
import { programArguments } from '../control-api/program-arguments.ts';
import type { StateBackend } from '../protocol/job-description.ts';
import { connect } from './connect.ts';
import type { Endpoint } from './endpoint.ts';
import type { Terminal } from './terminal.ts';

export interface DeployOptions {
  readonly dataDirectory: string;
  readonly endpoint?: Endpoint;
  readonly jobFile: string;
  readonly name: string;
  /** What stood after `--`. */
  readonly jobWords: readonly string[];
  readonly mode: 'savepoint' | 'last-state' | 'stateless' | 'manual';
  readonly allowNonRestoredState: boolean;
  readonly parallelism?: number;
  readonly checkpointIntervalMs?: number;
  readonly stateBackend?: StateBackend;
  readonly initialSavepointPath?: string;
  /** Null takes it away. */
  readonly schedule?: {
    readonly expression: string;
    readonly timeZone?: string;
    readonly keep?: number;
    readonly maxAgeMs?: number;
  } | null;
}

const pollMs = 300;

/** `weir deploy`: 0 if the deployment runs what was asked for, or was left as it is on purpose; 1 if it could not be. */
export async function deployCommand(options: DeployOptions, terminal: Terminal): Promise<number> {
  if (options.endpoint !== undefined) throw elsewhere();
  const { dataDirectory, name, jobWords, jobFile, schedule } = options;
  const { client, close } = await connect({ dataDirectory, otherwise: 'refuse' });
  try {
    const id = systemRandom.hex(16);
    await client.deploy(
      { deployment: name },
      {
        id,
        jobFile: resolve(jobFile),
        workingDirectory: process.cwd(),
        args: programArguments(jobWords) as Record<string, string>,
        mode: options.mode,
        allowNonRestoredState: options.allowNonRestoredState,
        ...(options.parallelism === undefined ? {} : { parallelism: options.parallelism }),
        ...(options.checkpointIntervalMs === undefined ? {} : { checkpointIntervalMs: options.checkpointIntervalMs }),
        ...(options.stateBackend === undefined ? {} : { stateBackend: options.stateBackend }),
        ...(options.initialSavepointPath === undefined ? {} : { initialSavepointPath: options.initialSavepointPath }),
        ...(schedule === undefined ? {} : { schedule }),
      },
    );
    for (let shown = ''; ; ) {
      const { kind, stage, outcome } = await client.deploymentProgress({ deployment: name, id });
      if (kind === 'superseded') throw superseded(name);
      if (outcome !== null) {
        terminal.result([outcome.words], { event: 'deployed', deployment: name, ...outcome });
        return outcome.outcome === 'succeeded' ? 0 : 1;
      }
      if (stage !== null && stage !== shown) terminal.step(`${name}: ${stage} ...`);
      shown = stage ?? shown;
      await systemClock.sleep(pollMs);
    }
  } finally {
    await close();
  }
}

const elsewhere = (): WeirError =>
  new WeirError({
    code: 'BAD_COMMAND',
    domain: 'user',
    message: 'weir deploy is for the local cloud: at an endpoint, deployments are made by their stacks.',
    advice: 'Deploy the stack: npx cdk deploy.',
  });

const superseded = (name: string): WeirError =>
  new WeirError({
    code: 'DEPLOYMENT_BUSY',
    domain: 'user',
    message: `A newer request has taken the place of this one for deployment "${name}".`,
    advice: `weir deployments ${name} shows what comes of it.`,
  });
