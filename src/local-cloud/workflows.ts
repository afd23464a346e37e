import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Random } from '../base/random.ts';
import { executionArn, expressExecutionArn } from './arns.ts';
import type { Json } from './json.ts';
import type { RunOutcome } from './run-outcome.ts';
import { ServiceFault } from './service-fault.ts';
import type { StateMachineHooks, StateMachineRun } from './state-machine.ts';
import { TaskError } from './task-error.ts';
import type { SyncExecution, TaskContext } from './task-integrations.ts';
import { type SendOutcome, TaskTokens } from './task-tokens.ts';
import { type StateMachineRecord, WorkflowMachines } from './workflow-machines.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface ExecutionRecord {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  /** JSON text. */
  readonly input: string;
  /** JSON text, of one that succeeded. */
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt?: number;
}

export interface WorkflowsOptions {
  /** Where definitions are kept; without it they are gone with the host, as executions always are. */
  readonly folder: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** See StateMachineHooks. */
  readonly timeLimits?: boolean;
  /** Throws TaskError. */
  readonly invokeFunction: (functionArn: string, payload: Json, context: TaskContext) => Promise<Json>;
}

/** An Express execution lasts no longer. */
const expressMsMax = 300_000;
/** Of executions that ended, the latest are remembered. */
const endedMax = 10_000;

interface Execution {
  record: ExecutionRecord;
  readonly run: StateMachineRun;
}

/** Step Functions: workflows and their executions, in one process. Refusals are thrown as ServiceFault. */
export class Workflows {
  readonly machines: WorkflowMachines;
  readonly tokens: TaskTokens;
  readonly #options: WorkflowsOptions;
  readonly #executions = new Map<string, Execution>();
  readonly #express = new Set<StateMachineRun>();
  readonly #ended: string[] = [];
  readonly #listeners = new Set<(record: ExecutionRecord) => void>();
  #stopped = false;

  constructor(options: WorkflowsOptions) {
    const { clock, random, timeLimits = true, invokeFunction } = options;
    this.#options = options;
    this.tokens = new TaskTokens(random);
    const hooks: StateMachineHooks = {
      clock,
      random,
      timeLimits,
      tokens: this.tokens,
      invokeFunction,
      startSyncExecution: (arn, input, context) => this.#startNested(arn, input, context),
    };
    this.machines = new WorkflowMachines(options.folder, hooks);
  }

  /** Starting again what runs under the same name with the same input answers with that; otherwise a name is used once. */
  start(stateMachineArn: string, name: string | undefined, input: string): ExecutionRecord {
    const machine = this.machines.get(stateMachineArn);
    if (this.#stopped) throw new ServiceFault('ServiceUnavailable', 'The embedded cloud is stopping.', 503);
    const executionName = checkedName(name ?? this.#newId());
    const value = parsedInput(input);
    const express = machine.type === 'EXPRESS';
    const arn = express ? expressExecutionArn(machine.name, executionName, this.#newId()) : executionArn(machine.name, executionName);
    const former = this.#executions.get(arn)?.record;
    if (former !== undefined) {
      if (former.status === 'RUNNING' && former.input === input) return former;
      throw new ServiceFault('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    const startedAt = this.#options.clock.now();
    const run = this.#run(machine, arn, executionName, value);
    const record: ExecutionRecord = { executionArn: arn, stateMachineArn, name: executionName, status: 'RUNNING', input, startedAt };
    const execution: Execution = { record, run };
    this.#executions.set(arn, execution);
    void run.outcome.then((outcome) => this.#end(execution, outcome));
    return record;
  }

  describe(arn: string): ExecutionRecord {
    return this.#known(arn).record;
  }

  /** Latest first. */
  list(stateMachineArn: string, status: string | undefined): readonly ExecutionRecord[] {
    this.machines.get(stateMachineArn);
    return [...this.#executions.values()]
      .map(({ record }) => record)
      .filter((record) => record.stateMachineArn === stateMachineArn && (status === undefined || record.status === status))
      .reverse();
  }

  /** Stopping what has ended changes nothing. Returns when it ended. */
  async stop(arn: string, error: string, cause: string): Promise<number> {
    const execution = this.#known(arn);
    execution.run.abort(error, cause);
    this.#end(execution, await execution.run.outcome);
    return execution.record.endedAt!;
  }

  /** Hears of every execution that ended, but nested ones: what an event rule would get. Returns how to hear no more. */
  onExecutionEnded(listener: (record: ExecutionRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  send(outcome: SendOutcome): void {
    if (outcome === 'gone') throw new ServiceFault('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    if (outcome === 'invalid') throw new ServiceFault('InvalidToken', "Invalid Token: 'Invalid token'");
  }

  /** Aborts everything; nobody hears of it. */
  async stopAll(): Promise<void> {
    this.#stopped = true;
    this.#listeners.clear();
    const runs = [...[...this.#executions.values()].map(({ run }) => run), ...this.#express];
    for (const run of runs) run.abort('Stopped', 'The embedded cloud stopped.');
    await Promise.all(runs.map(({ outcome }) => outcome));
  }

  /** The parent waits for it and takes it along when it ends. */
  async #startNested(stateMachineArn: string, input: Json, { signal }: TaskContext): Promise<SyncExecution> {
    const machine = this.#nestedMachine(stateMachineArn);
    const name = this.#newId();
    const arn = expressExecutionArn(machine.name, name, this.#newId());
    const run = this.#run(machine, arn, name, input);
    const onAbort = () => run.abort('Stopped', 'Nobody waits for the execution any more.');
    signal.addEventListener('abort', onAbort, { once: true });
    this.#express.add(run);
    const outcome = await run.outcome;
    this.#express.delete(run);
    signal.removeEventListener('abort', onAbort);
    return { executionArn: arn, name, outcome };
  }

  #nestedMachine(arn: string): StateMachineRecord {
    try {
      const machine = this.machines.get(arn);
      if (machine.type === 'EXPRESS') return machine;
      throw new ServiceFault('StateMachineTypeNotSupportedException', 'This operation is not supported by this type of state machine');
    } catch (thrown) {
      if (thrown instanceof ServiceFault) throw new TaskError(`Sfn.${thrown.name.replace(/(Exception)?$/, 'Exception')}`, thrown.message);
      throw thrown;
    }
  }

  #run(machine: StateMachineRecord, id: string, name: string, input: Json): StateMachineRun {
    const bound = machine.type === 'EXPRESS' ? expressMsMax : Number.POSITIVE_INFINITY;
    return this.machines.interpreter(machine).run({ id, name, input }, bound);
  }

  #end(execution: Execution, outcome: RunOutcome): void {
    if (execution.record.status !== 'RUNNING') return;
    execution.record = { ...execution.record, ...ending(outcome), endedAt: this.#options.clock.now() };
    this.#ended.push(execution.record.executionArn);
    while (this.#ended.length > endedMax) this.#executions.delete(this.#ended.shift()!);
    for (const listener of this.#listeners) listener(execution.record);
  }

  #known(arn: string): Execution {
    const execution = this.#executions.get(arn);
    if (execution === undefined) throw new ServiceFault('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return execution;
  }

  #newId(): string {
    return this.#options.random.hex(16);
  }
}

function ending(outcome: RunOutcome): Pick<ExecutionRecord, 'status' | 'output' | 'error' | 'cause'> {
  switch (outcome.kind) {
    case 'succeeded':
      return { status: 'SUCCEEDED', output: JSON.stringify(outcome.output) };
    case 'failed':
      return { status: 'FAILED', error: outcome.error, cause: outcome.cause };
    case 'timedOut':
      return { status: 'TIMED_OUT', error: outcome.error, cause: outcome.cause };
    case 'aborted':
      return { status: 'ABORTED', error: outcome.error, cause: outcome.cause };
  }
}

function checkedName(name: string): string {
  if (/^[A-Za-z0-9_-]{1,80}$/.test(name)) return name;
  throw new ServiceFault('InvalidName', `Invalid Name: '${name}'`);
}

function parsedInput(text: string): Json {
  const bytes = Buffer.byteLength(text);
  if (bytes > limits.workflowPayloadBytesMax)
    throw new ServiceFault(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: ${bytes} bytes are more than ${limits.workflowPayloadBytesMax}`,
    );
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new ServiceFault('InvalidExecutionInput', 'Invalid State Machine Execution Input: it is no JSON');
  }
}
