import { ListExecutionsCommand, ListStateMachinesCommand, SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import type { ControlClient } from '../../src/control-api/client.ts';

/** What a command said. */
export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Weir as somebody has it who deployed it, wherever that is: the control API, commands, files in the bucket. The variables
 * of this process say which AWS it is.
 */
export interface TestDeployment extends AsyncDisposable {
  /** The control API's client, with whatever proves who asks. */
  readonly api: ControlClient;
  /** Where jobs read and write, e.g. `s3://bucket`. */
  readonly root: string;
  /** Makes what is asked for run, as a deployment does: `cdk deploy`, `weir deploy`. */
  deploy(request: DeployRequest): Promise<Said>;
  /** Takes everything down but what is retained; deploying again takes that over. */
  readonly destroy?: () => Promise<Said>;
  /** Does what the schedule of savepoints does when it was to fire at that time. */
  readonly fireSchedule?: (time: Date) => Promise<void>;
  /** A `weir` command over the API. */
  weir(...words: readonly string[]): Promise<Said>;
  /** Where clients other than ours find the API, and the token that lets them in, if there is one. */
  readonly address?: () => { readonly url: string; readonly token?: string };
  /** SIGKILL to the processes that run slots; how many there were. */
  readonly killSlots?: () => number;
}

export interface DeployRequest {
  /** Without it, the example of the stack. */
  readonly jobFile?: string;
  /** Default: `savepoint`. */
  readonly mode?: 'savepoint' | 'manual';
  readonly args?: { readonly input: string; readonly output: string; readonly rate: number };
  /** Of savepoints, in EventBridge's words. */
  readonly schedule?: string;
  /** Who may ask the API; default: whoever signs. */
  readonly auth?: 'token';
}

/** Stops the execution that drives a job, as anybody can in the console. */
export async function stopDriver(jobId: string): Promise<void> {
  const client = new SFNClient({});
  const { stateMachines = [] } = await client.send(new ListStateMachinesCommand({}));
  for (const { stateMachineArn, type } of stateMachines) {
    if (type === 'EXPRESS') continue;
    const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING' }));
    for (const { name, executionArn } of executions) {
      if (!(name ?? '').startsWith(jobId)) continue;
      await client.send(new StopExecutionCommand({ executionArn, cause: 'stopped by hand' }));
      return;
    }
  }
  throw new Error(`No execution drives job ${jobId}.`);
}
