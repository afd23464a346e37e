import { WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Random } from '../base/random.ts';
import type { ExecutionStatus, Json, WorkflowService } from '../cloud/index.ts';
import type { RunOutcome } from '../local-cloud/run-outcome.ts';
import { StateMachineInterpreter, type StateMachineRun } from '../local-cloud/state-machine.ts';
import type { SyncExecution } from '../local-cloud/task-integrations.ts';
import { TaskTokens } from '../local-cloud/task-tokens.ts';
import { type Fault, lateMs } from './faults.ts';
import { type Caller, never, type PortCalls } from './port-calls.ts';
import type { SimulatedClock } from './simulated-clock.ts';
import { namedError, type SimulatedFunctions } from './simulated-functions.ts';

export interface SimulatedWorkflowsOptions {
  readonly calls: PortCalls;
  readonly clock: SimulatedClock;
  readonly random: Random;
  readonly functions: SimulatedFunctions;
}

/** A run of a workflow, as a caller of ports. When it is lost, what it has started goes on without it. */
class Execution implements Caller {
  readonly kind = 'execution';
  readonly name: string;
  readonly slownessMs = 0;
  lost = false;
  status: ExecutionStatus = 'RUNNING';
  run: StateMachineRun | undefined;

  constructor(name: string) {
    this.name = name;
  }

  lose(): void {
    this.lost = true;
    this.run?.abort('Lost', 'The execution was lost.');
  }
}

const statuses: { readonly [kind in RunOutcome['kind']]: ExecutionStatus } = {
  succeeded: 'SUCCEEDED',
  failed: 'FAILED',
  timedOut: 'TIMED_OUT',
  aborted: 'ABORTED',
};

/** Step Functions in virtual time: the same definitions and the same interpreter as everywhere else. */
export class SimulatedWorkflows {
  readonly #options: SimulatedWorkflowsOptions;
  readonly #tokens: TaskTokens;
  readonly #definitions = new Map<string, (execution: Execution) => StateMachineInterpreter>();
  readonly #executions = new Map<string, Execution>();
  readonly #live = new Set<Execution>();
  readonly #onEnded: ((executionName: string) => void)[] = [];
  #runs = 0;

  constructor(options: SimulatedWorkflowsOptions) {
    this.#options = options;
    this.#tokens = new TaskTokens(options.random);
  }

  /** `definition` is States Language with its placeholders filled. */
  define(workflowArn: string, definition: Json): void {
    const { clock, functions } = this.#options;
    this.#definitions.set(workflowArn, (execution) => {
      return new StateMachineInterpreter(definition as never, {
        clock,
        tokens: this.#tokens,
        invokeFunction: (functionArn, payload) => functions.invoke(execution, functionArn, payload as Json) as never,
        startSyncExecution: (arn, input) => this.#startSync(execution, arn, input as Json),
      });
    });
  }

  /** From now on nothing is started by this name; what runs goes on. */
  remove(workflowArn: string): void {
    this.#definitions.delete(workflowArn);
  }

  /** Ends an execution as somebody does by hand; false if there is none. */
  abort(executionName: string): boolean {
    const execution = this.#executions.get(executionName);
    execution?.run?.abort('Stopped', 'Stopped by hand.');
    return execution !== undefined;
  }

  /** Told when a Standard execution ended, whichever way, as an event rule would be. */
  onEnded(listener: (executionName: string) => void): void {
    this.#onEnded.push(listener);
  }

  /** Ends all that still runs, without telling anybody: the end of the world. */
  stop(): void {
    this.#onEnded.length = 0;
    for (const execution of this.#live) execution.lose();
  }

  /** The port as this caller sees it. */
  for(caller: Caller): WorkflowService {
    const perform = <T>(operation: 'start' | 'status' | 'sendTaskSuccess' | 'stop', target: string, effect: () => T) =>
      this.#options.calls.perform(caller, { operation: `workflows.${operation}`, target, effect, describe: String });
    return {
      start: async (workflowArn, executionName, input) => {
        const text = payloadOf(input);
        return await perform('start', executionName, () => this.#start(workflowArn, executionName, JSON.parse(text) as Json));
      },
      status: (_workflowArn, executionName) => perform('status', executionName, () => this.#executions.get(executionName)?.status),
      sendTaskSuccess: async (taskToken, output) => {
        const text = payloadOf(output);
        return await perform('sendTaskSuccess', taskToken.slice(0, 8), () =>
          this.#tokens.succeed(taskToken, JSON.parse(text) as never) === 'sent' ? 'sent' : 'gone',
        );
      },
      stop: (_workflowArn, executionName, cause) =>
        perform('stop', executionName, () => this.#executions.get(executionName)?.run?.abort('Stopped', cause)),
    };
  }

  #start(workflowArn: string, executionName: string, input: Json): 'started' | 'exists' {
    if (this.#executions.has(executionName)) return 'exists';
    const execution = new Execution(executionName);
    this.#executions.set(executionName, execution);
    void this.#run(execution, workflowArn, input).then((outcome) => {
      execution.status = statuses[outcome.kind];
      for (const tell of this.#onEnded) tell(executionName);
    });
    return 'started';
  }

  async #run(execution: Execution, workflowArn: string, input: Json): Promise<RunOutcome> {
    const definition = this.#definitions.get(workflowArn);
    if (definition === undefined)
      throw new WeirError({ code: 'WORKFLOW_MISSING', domain: 'user', message: `There is no workflow ${workflowArn}.` });
    execution.run = definition(execution).run({ id: `${workflowArn}:${execution.name}`, name: execution.name, input: input as never });
    this.#live.add(execution);
    const outcome = await execution.run.outcome;
    this.#live.delete(execution);
    return outcome;
  }

  async #startSync(caller: Caller, workflowArn: string, input: Json): Promise<SyncExecution> {
    if (caller.lost) return never();
    const { calls, clock } = this.#options;
    const { call, fault } = calls.enter(caller, 'workflows.startSyncExecution', workflowArn);
    try {
      await clock.sleep(calls.latency('workflows.startSyncExecution'));
      const ended = await this.#deliver(caller, workflowArn, input, fault);
      calls.note(call, fault, `${ended.outcome.kind}, sent ${bytesOf(input)} bytes, gave ${bytesOf(ended.outcome)}`);
      await clock.sleep(calls.latency('workflows.startSyncExecution'));
      return caller.lost ? await never() : ended;
    } catch (error) {
      calls.note(call, fault, `failed: ${error instanceof Error ? error.name : String(error)}`);
      throw error;
    }
  }

  async #deliver(caller: Caller, workflowArn: string, input: Json, fault: Fault | undefined): Promise<SyncExecution> {
    const { clock, random } = this.#options;
    switch (fault?.kind) {
      case 'errorBefore':
        throw namedError('Sfn.SfnException', 'The service failed.');
      case 'throttled':
        throw namedError('Sfn.ThrottlingException', 'Rate exceeded.');
      case 'errorAfter':
        await this.#runSync(workflowArn, input);
        throw namedError('Sfn.SdkClientException', 'The connection was reset.');
      case 'delay':
        await clock.sleep(fault.ms ?? lateMs);
        return await this.#runSync(workflowArn, input);
      case 'doubled': {
        const twins = await Promise.all([this.#runSync(workflowArn, input), this.#runSync(workflowArn, input)]);
        return twins[random.fraction() < 0.5 ? 0 : 1];
      }
      case 'zombie':
        void this.#runSync(workflowArn, input);
        await clock.sleep(connectionLostMs);
        throw namedError('Sfn.SdkClientException', 'The connection was reset.');
      case 'loseExecution': {
        const ended = this.#runSync(workflowArn, input);
        caller.lose();
        return await ended;
      }
      default:
        return await this.#runSync(workflowArn, input);
    }
  }

  async #runSync(workflowArn: string, input: Json): Promise<SyncExecution> {
    const execution = new Execution(`express-${this.#runs++}`);
    const outcome = await this.#run(execution, workflowArn, JSON.parse(JSON.stringify(input)) as Json);
    return { executionArn: `${workflowArn}:${execution.name}`, name: execution.name, outcome };
  }
}

/** After which the caller of a run gives up on its connection, while the run goes on. */
const connectionLostMs = 700;

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** Refused before it is sent, as by the adapter. */
function payloadOf(value: Json): string {
  const text = JSON.stringify(value);
  if (Buffer.byteLength(text) <= limits.workflowPayloadBytesMax) return text;
  const message = `A payload must not exceed ${limits.workflowPayloadBytesMax} bytes, but takes ${Buffer.byteLength(text)}.`;
  throw new WeirError({ code: 'PAYLOAD_TOO_LARGE', domain: 'internal', message });
}
