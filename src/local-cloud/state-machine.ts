import { StateMachine } from 'aws-local-stepfunctions';
import type { Random } from '../base/random.ts';
import { refuse } from './definition-checks.ts';
import { crossing, type Json, type JsonObject } from './json.ts';
import { longSleep } from './long-sleep.ts';
import type { RunOutcome } from './run-outcome.ts';
import { type RunnableDefinition, runnableDefinition, type TaskInput, type TaskPlan } from './runnable-definition.ts';
import { TaskError } from './task-error.ts';
import { integrationOf, type TaskHooks } from './task-integrations.ts';
import { TaskRetry } from './task-retry.ts';

export interface StateMachineHooks extends TaskHooks {
  /** For the jitter of retries; without it they take their longest pause. */
  readonly random?: Random;
  /** False: neither tasks nor executions time out, but for those that wait for a token: they sleep. The default is true. */
  readonly timeLimits?: boolean;
}

export interface ExecutionStart {
  /** What `$$.Execution.Id` shows: an ARN. */
  readonly id: string;
  readonly name: string;
  readonly input: Json;
}

export interface StateMachineRun {
  /** Never rejects. */
  readonly outcome: Promise<RunOutcome>;
  /** Ends the run now, as stopping an execution does; signals of tasks under way are aborted. Later ones do nothing. */
  abort(error: string, cause: string): void;
}

interface RunScope {
  readonly signal: AbortSignal;
  readonly context: Record<string, unknown>;
}

type LibraryInput = Parameters<StateMachine['run']>[0];
type LibraryHandler = (input: LibraryInput) => Promise<LibraryInput>;

/**
 * Runs a workflow definition. The library walks the states; its neighbour here, the task handler, does all that takes
 * time or leaves the workflow.
 *
 * 1. Time comes from the hooks' clock only, so that with a simulated one a run takes virtual time: waits, time-outs and
 *    retries are ours. With deterministic hooks a run is deterministic.
 * 2. Whatever enters or leaves a task is copied through JSON and measured.
 * 3. When a run has ended, whichever way, the signals of all its tasks are aborted and nothing more is started.
 */
export class StateMachineInterpreter {
  readonly #runnable: RunnableDefinition;
  readonly #machine: StateMachine;
  readonly #hooks: StateMachineHooks;

  /** `definition` has its placeholders filled. Throws WeirError `WORKFLOW_UNSUPPORTED` on what cannot be run as AWS would. */
  constructor(definition: JsonObject, hooks: StateMachineHooks) {
    this.#runnable = runnableDefinition(definition);
    for (const { stateName, resource } of this.#runnable.tasks.values()) {
      if (integrationOf(resource) === undefined) refuse(`state "${stateName}"`, `the resource ${resource}`);
    }
    this.#machine = new StateMachine(this.#runnable.definition, { validationOptions: { noValidate: true } });
    this.#hooks = hooks;
  }

  /** `timeoutMsMax` bounds the run beside the definition's own time-out. */
  run(start: ExecutionStart, timeoutMsMax: number = Number.POSITIVE_INFINITY): StateMachineRun {
    const ending = new AbortController();
    const scope: RunScope = { signal: ending.signal, context: this.#contextOf(start) };
    const execution = this.#machine.run(start.input as LibraryInput, {
      context: scope.context,
      overrides: { taskResourceLocalHandlers: this.#handlersFor(scope) },
    });
    void discard(execution.eventLogs);
    let ended: RunOutcome | undefined;
    const end = (outcome: RunOutcome): void => {
      if (ended !== undefined || ending.signal.aborted) return;
      ended = outcome;
      ending.abort(new TaskError(outcome.kind, 'The execution ended.', 'terminal'));
      execution.abort();
    };
    const outcome = execution.result
      .then(
        (output): RunOutcome => ended ?? { kind: 'succeeded', output: crossing(output, 'The output of the execution') },
        (thrown: unknown): RunOutcome => ended ?? failureOf(thrown),
      )
      .catch(failureOf)
      .finally(() => ending.abort(new TaskError('ended', 'The execution ended.', 'terminal')));
    this.#endWhenLate(timeoutMsMax, ending.signal, end);
    return { outcome, abort: (error, cause) => end({ kind: 'aborted', error, cause }) };
  }

  #endWhenLate(timeoutMsMax: number, signal: AbortSignal, end: (outcome: RunOutcome) => void): void {
    const { timeoutSeconds } = this.#runnable;
    const ms = Math.min(timeoutMsMax, timeoutSeconds === undefined ? Number.POSITIVE_INFINITY : timeoutSeconds * 1000);
    if (ms === Number.POSITIVE_INFINITY || !this.#hasTimeLimits) return;
    longSleep(this.#hooks.clock, ms, signal).then(
      () => end({ kind: 'timedOut', error: 'States.Timeout', cause: `The execution took more than ${ms / 1000} s.` }),
      () => undefined,
    );
  }

  get #hasTimeLimits(): boolean {
    return this.#hooks.timeLimits !== false;
  }

  #contextOf(start: ExecutionStart): Record<string, unknown> {
    const { clock, tokens } = this.#hooks;
    let token: string | undefined;
    return {
      Execution: { Id: start.id, Name: start.name },
      Run: { StartTime: new Date(clock.now()).toISOString(), Input: start.input },
      State: {
        get EnteredTime() {
          return new Date(clock.now()).toISOString();
        },
      },
      Task: {
        get Entry() {
          token = tokens.issue();
          return token;
        },
        get Token() {
          return token;
        },
      },
    };
  }

  #handlersFor(scope: RunScope): Record<string, LibraryHandler> {
    const handlers: Record<string, LibraryHandler> = {};
    for (const [name, plan] of this.#runnable.tasks) {
      handlers[name] = (input) => this.#task(plan, input as unknown as TaskInput, scope.signal) as Promise<LibraryInput>;
    }
    return handlers;
  }

  /** One visit to a task state: tries until it succeeds, or no retrier wants another try. */
  async #task(plan: TaskPlan, given: TaskInput, signal: AbortSignal): Promise<Json> {
    signal.throwIfAborted();
    const retry = new TaskRetry(plan.retriers, this.#hooks.random);
    crossing(given.input, `The input of state "${plan.stateName}"`);
    const timeoutMs = this.#hasTimeLimits || isSleep(plan) ? timeoutMsOf(plan, given) : undefined;
    let { parameters, token } = given;
    for (;;) {
      try {
        const copy = crossing(parameters, `What state "${plan.stateName}" sends`);
        const output = await this.#try(plan, copy, token, timeoutMs, signal);
        return crossing(output, `The output of state "${plan.stateName}"`);
      } catch (thrown) {
        if (signal.aborted) throw thrown;
        const error = TaskError.of(thrown);
        const pauseMs = retry.pauseAfter(error);
        if (pauseMs === undefined) throw error;
        await longSleep(this.#hooks.clock, pauseMs, signal);
      }
      if (token !== undefined) {
        const fresh = this.#hooks.tokens.issue();
        parameters = JSON.parse(JSON.stringify(parameters).replaceAll(token, fresh)) as Json;
        token = fresh;
      }
    }
  }

  async #try(
    plan: TaskPlan,
    parameters: Json,
    token: string | undefined,
    timeoutMs: number | undefined,
    runSignal: AbortSignal,
  ): Promise<Json> {
    const attempt = new AbortController();
    const { promise: given, reject: giveUp } = Promise.withResolvers<never>();
    given.catch(() => undefined);
    const onRunEnded = () => {
      attempt.abort(runSignal.reason);
      giveUp(runSignal.reason);
    };
    runSignal.addEventListener('abort', onRunEnded, { once: true });
    if (timeoutMs !== undefined) {
      longSleep(this.#hooks.clock, timeoutMs, attempt.signal).then(
        () => giveUp(new TaskError('States.Timeout', `State "${plan.stateName}" took more than ${timeoutMs / 1000} s.`)),
        () => undefined,
      );
    }
    try {
      const work = integrationOf(plan.resource)!(this.#hooks, { parameters, token, signal: attempt.signal });
      return await Promise.race([work, given]);
    } finally {
      runSignal.removeEventListener('abort', onRunEnded);
      attempt.abort(new TaskError('ended', `Nobody waits for state "${plan.stateName}" any more.`, 'terminal'));
    }
  }
}

const isSleep = ({ resource }: TaskPlan): boolean => resource.endsWith('.waitForTaskToken');

function timeoutMsOf(plan: TaskPlan, { timeoutSeconds }: TaskInput): number | undefined {
  if (timeoutSeconds === undefined) return undefined;
  if (typeof timeoutSeconds === 'number' && Number.isInteger(timeoutSeconds) && timeoutSeconds > 0) return timeoutSeconds * 1000;
  throw new TaskError(
    'States.Runtime',
    `The time-out of state "${plan.stateName}" must be a whole number of seconds above 0, but is ${JSON.stringify(timeoutSeconds)}.`,
    'terminal',
  );
}

/** The library wraps what failed a state in an error of its own. */
function failureOf(thrown: unknown): RunOutcome {
  const inner = thrown instanceof Error && thrown.name === 'ExecutionError' && thrown.cause !== undefined ? thrown.cause : thrown;
  const { name, message } = TaskError.of(inner);
  return { kind: 'failed', error: name, cause: message };
}

/** The library keeps its events until somebody has read them. */
async function discard(events: AsyncIterable<unknown>): Promise<void> {
  for await (const _event of events);
}
