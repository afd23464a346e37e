import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import { checkSupported, scopesOf } from './definition-checks.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';
import type { Retrier } from './task-retry.ts';

/** What the interpreter does itself for a state that the library sees as a Task. */
export interface TaskPlan {
  readonly stateName: string;
  /** The state's resource; a Wait state has `waitResource`. */
  readonly resource: string;
  readonly retriers: readonly Retrier[];
}

export interface RunnableDefinition {
  readonly definition: StateMachineDefinition;
  readonly tasks: ReadonlyMap<string, TaskPlan>;
  /** Of the whole execution; nothing if it may take for ever. */
  readonly timeoutSeconds: number | undefined;
}

/** What a task's handler gets: what the state's own `Parameters` made, beside what the interpreter needs to know. */
export interface TaskInput {
  /** Of tasks that wait for one. */
  readonly token?: string;
  /** Only there to be measured. */
  readonly input: Json;
  readonly timeoutSeconds?: Json;
  readonly parameters: Json;
}

export const waitResource = 'wait';
const tokenSuffix = '.waitForTaskToken';
const waitsForToken = (resource: string): boolean => resource.endsWith(tokenSuffix);

/** The library's own time-out, out of the way: about 24.8 days, the longest that a timer takes. */
const libraryTimeoutSeconds = 2_147_483;

/**
 * The definition as the library is to see it, so that all that takes time goes through us: waits become tasks, time-outs
 * and retries of tasks leave the definition for the plan, and the context fields that the library would fill from the
 * system's clock get names of ours.
 */
export function runnableDefinition(definition: JsonObject): RunnableDefinition {
  const known = made.get(definition) ?? makeRunnable(definition);
  made.set(definition, known);
  return known;
}

/** Definitions do not change, and each run of a workflow asks for its own. */
const made = new WeakMap<JsonObject, RunnableDefinition>();

function makeRunnable(definition: JsonObject): RunnableDefinition {
  checkSupported(definition);
  const tasks = new Map<string, TaskPlan>();
  const { TimeoutSeconds, ...scope } = renameContextFields(definition) as JsonObject;
  return {
    definition: runnableScope(scope, tasks) as unknown as StateMachineDefinition,
    tasks,
    timeoutSeconds: typeof TimeoutSeconds === 'number' ? TimeoutSeconds : undefined,
  };
}

function runnableScope(scope: JsonObject, tasks: Map<string, TaskPlan>): JsonObject {
  const states = isJsonObject(scope.States) ? scope.States : {};
  const entries = Object.entries(states).map(([name, state]) => [name, isJsonObject(state) ? runnableState(name, state, tasks) : state]);
  return { ...scope, States: Object.fromEntries(entries) as JsonObject };
}

function runnableState(name: string, given: JsonObject, tasks: Map<string, TaskPlan>): JsonObject {
  const { ResultPath, ...rest } = given;
  const state: JsonObject = ResultPath === undefined || ResultPath === '$' ? rest : given;
  switch (state.Type) {
    case 'Task':
      return runnableTask(name, state, tasks);
    case 'Wait':
      return runnableWait(name, state, tasks);
    case 'Map':
    case 'Parallel':
      return runnableParent(state, tasks);
    default:
      return state;
  }
}

function runnableTask(name: string, state: JsonObject, tasks: Map<string, TaskPlan>): JsonObject {
  const { Retry, TimeoutSeconds, TimeoutSecondsPath, Parameters, ...rest } = state;
  const resource = String(state.Resource);
  tasks.set(name, { stateName: name, resource, retriers: (Retry ?? []) as unknown as readonly Retrier[] });
  return {
    ...rest,
    TimeoutSeconds: libraryTimeoutSeconds,
    Parameters: {
      // First, since reading it makes the token that the others read.
      ...(waitsForToken(resource) ? { 'token.$': '$$.Task.Entry' } : {}),
      'input.$': '$',
      ...(TimeoutSeconds === undefined ? {} : { timeoutSeconds: TimeoutSeconds }),
      ...(TimeoutSecondsPath === undefined ? {} : { 'timeoutSeconds.$': TimeoutSecondsPath }),
      ...(Parameters === undefined
        ? { 'parameters.$': '$' }
        : { parameters: isJsonObject(Parameters) && resource.endsWith(':startSyncExecution') ? withTextsWhole(Parameters) : Parameters }),
    },
  };
}

/**
 * The library takes every backslash out of what `States.JsonToString` gives, which breaks texts with quotes in them. So the
 * one task whose input is such a string gets the value itself, and makes the string.
 */
function withTextsWhole(parameters: JsonObject): JsonObject {
  const fields = Object.entries(parameters).map(([name, value]) => {
    const path = name.endsWith('.$') && typeof value === 'string' ? /^States\.JsonToString\((\$[^()]*)\)$/.exec(value)?.[1] : undefined;
    return [name, path ?? value];
  });
  return Object.fromEntries(fields) as JsonObject;
}

function runnableWait(name: string, state: JsonObject, tasks: Map<string, TaskPlan>): JsonObject {
  const { Seconds, SecondsPath, Timestamp, TimestampPath, ...rest } = state;
  tasks.set(name, { stateName: name, resource: waitResource, retriers: [] });
  return {
    ...rest,
    Type: 'Task',
    Resource: waitResource,
    TimeoutSeconds: libraryTimeoutSeconds,
    Parameters: {
      'input.$': '$',
      parameters: {
        ...(Seconds === undefined ? {} : { seconds: Seconds }),
        ...(SecondsPath === undefined ? {} : { 'seconds.$': SecondsPath }),
        ...(Timestamp === undefined ? {} : { timestamp: Timestamp }),
        ...(TimestampPath === undefined ? {} : { 'timestamp.$': TimestampPath }),
      },
    },
    ResultPath: null,
  };
}

function runnableParent(state: JsonObject, tasks: Map<string, TaskPlan>): JsonObject {
  const [first, ...more] = scopesOf(state).map((scope) => runnableScope(scope, tasks));
  if (state.Type === 'Parallel') return { ...state, Branches: first === undefined ? [] : [first, ...more] };
  const { Iterator: _iterator, ...rest } = state;
  return { ...rest, ItemProcessor: first };
}

/** `$$.Execution.StartTime` and `.Input` are the library's: real time, and an item's input within a Map. */
function renameContextFields(value: Json | undefined, key = ''): Json | undefined {
  if (typeof value === 'string') {
    return /(\.\$|Path|Variable)$/.test(key)
      ? value.replaceAll(/\$\$\.Execution\.(StartTime|Input)\b/g, (_, field: string) => `$$.Run.${field}`)
      : value;
  }
  if (Array.isArray(value)) return value.map((item: Json) => renameContextFields(item) ?? null);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, renameContextFields(inner, field)]));
}
