// Catches an interpreter that takes real time, that forgets a running task, or that means other than the service does.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import type { Json, JsonObject } from '../../src/local-cloud/json.ts';
import { type StateMachineHooks, StateMachineInterpreter } from '../../src/local-cloud/state-machine.ts';
import { TaskError } from '../../src/local-cloud/task-error.ts';
import { TaskTokens } from '../../src/local-cloud/task-tokens.ts';
import { SimulatedClock } from '../../src/testing/simulated-clock.ts';

type Function = (payload: JsonObject, signal: AbortSignal) => Promise<Json>;

interface World {
  readonly hooks: StateMachineHooks;
  readonly clock: SimulatedClock;
  readonly tokens: TaskTokens;
  readonly calls: JsonObject[];
  elapsedMs(): number;
}

function world(invoke: Function = async () => null, nested?: JsonObject): World {
  const clock = new SimulatedClock();
  const startedAt = clock.now();
  const tokens = new TaskTokens(seededRandom(1));
  const calls: JsonObject[] = [];
  const hooks: StateMachineHooks = {
    clock,
    tokens,
    async invokeFunction(_arn, payload, { signal }) {
      calls.push(payload as JsonObject);
      return await invoke(payload as JsonObject, signal);
    },
    async startSyncExecution(_arn, input) {
      const run = new StateMachineInterpreter(nested!, hooks).run({ id: 'nested', name: 'nested', input });
      return { executionArn: 'nested', name: 'nested', outcome: await run.outcome };
    },
  };
  return { hooks, clock, tokens, calls, elapsedMs: () => clock.now() - startedAt };
}

const begin = (definition: JsonObject, { hooks }: World, input: Json = {}) =>
  new StateMachineInterpreter(definition, hooks).run({ id: 'arn:execution', name: 'first', input });

const states = (first: string, all: JsonObject): JsonObject => ({ StartAt: first, States: all });
const call = (payload: Json, more: JsonObject = {}): JsonObject => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: 'f', Payload: payload },
  OutputPath: '$.Payload',
  End: true,
  ...more,
});

describe('the state machine interpreter', () => {
  it('calls a function with what Parameters make of the input, and gives its reply', async () => {
    const here = world(async ({ x }) => ({ doubled: Number(x) * 2 }));
    const run = begin(states('A', { A: call({ 'x.$': '$.x' }) }), here, { x: 21 });
    expect(await run.outcome).toEqual({ kind: 'succeeded', output: { doubled: 42 } });
    expect(here.calls).toEqual([{ x: 21 }]);
  });

  it('waits in virtual time, for seconds and until timestamps', async () => {
    const here = world();
    const until = new Date(here.clock.now() + 100_000).toISOString();
    const run = begin(
      states('A', {
        A: { Type: 'Wait', Seconds: 40, Next: 'B' },
        B: { Type: 'Wait', SecondsPath: '$.more', Next: 'C' },
        C: { Type: 'Wait', TimestampPath: '$.until', Next: 'D' },
        D: { Type: 'Wait', TimestampPath: '$.until', End: true },
      }),
      here,
      { more: 0, until },
    );
    expect(await run.outcome).toEqual({ kind: 'succeeded', output: { more: 0, until } });
    expect(here.elapsedMs()).toBe(100_000);
  });

  it('waits longer than a timer can', async () => {
    const here = world();
    await begin(states('A', { A: { Type: 'Wait', Seconds: 10_000_000, End: true } }), here).outcome;
    expect(here.elapsedMs()).toBe(10_000_000_000);
  });

  it('retries as the retrier that matches says, with growing pauses, and then catches by name', async () => {
    const here = world(async () => {
      throw new TaskError('TooBusy', 'later');
    });
    const run = begin(
      states('A', {
        A: call('x', {
          Retry: [
            { ErrorEquals: ['Other'], MaxAttempts: 9 },
            { ErrorEquals: ['TooBusy'], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 3, MaxDelaySeconds: 10 },
            { ErrorEquals: ['States.ALL'], MaxAttempts: 9 },
          ],
          Catch: [{ ErrorEquals: ['TooBusy'], ResultPath: '$.error', Next: 'Caught' }],
        }),
        Caught: { Type: 'Pass', End: true },
      }),
      here,
    );
    expect(await run.outcome).toEqual({ kind: 'succeeded', output: { error: { Error: 'TooBusy', Cause: 'later' } } });
    expect(here.calls).toHaveLength(4);
    expect(here.elapsedMs()).toBe(2_000 + 6_000 + 10_000);
  });

  it('times a task out by the clock and tells it so', async () => {
    const told: unknown[] = [];
    const here = world(
      (_payload, signal) =>
        new Promise(() => {
          signal.addEventListener('abort', () => told.push(signal.reason));
        }),
    );
    const definition = states('A', { A: call('x', { TimeoutSeconds: 30, Retry: [{ ErrorEquals: ['States.TaskFailed'] }] }) });
    expect(await begin(definition, here).outcome).toMatchObject({ kind: 'failed', error: 'States.Timeout' });
    expect(here.elapsedMs()).toBe(30_000);
    expect(told).toHaveLength(1);
  });

  it('has neither tasks nor runs time out without time limits, but lets a sleep on a token end', async () => {
    const held = world(async () => {
      await held.clock.sleep(10_000_000);
      return 'done';
    });
    const limited = { ...states('A', { A: call('x', { TimeoutSeconds: 30 }) }), TimeoutSeconds: 60 };
    const hooks = { ...held.hooks, timeLimits: false };
    expect(await new StateMachineInterpreter(limited, hooks).run({ id: 'i', name: 'n', input: {} }, 300_000).outcome).toMatchObject({
      kind: 'succeeded',
    });
    const asleep = world();
    const sleep = { ...asleep, hooks: { ...asleep.hooks, timeLimits: false } };
    expect(await begin(sleeping(), sleep, { seconds: 90 }).outcome).toMatchObject({ kind: 'failed', error: 'States.Timeout' });
    expect(asleep.elapsedMs()).toBe(90_000);
  });

  it('ends a run that takes longer than the definition allows', async () => {
    const here = world();
    const run = begin({ ...states('A', { A: { Type: 'Wait', Seconds: 100, End: true } }), TimeoutSeconds: 7 }, here);
    expect(await run.outcome).toMatchObject({ kind: 'timedOut', error: 'States.Timeout' });
    expect(here.elapsedMs()).toBe(7_000);
  });

  it('aborts a run and the tasks that it waits for, and starts nothing more', async () => {
    let told = 0;
    const here = world(
      (_payload, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error(`told ${++told}`)))),
    );
    const definition = states('A', { A: call('x', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }] }), B: call('y') });
    const run = begin(definition, here);
    await here.clock.sleep(1_000);
    run.abort('Stopped', 'because');
    expect(await run.outcome).toEqual({ kind: 'aborted', error: 'Stopped', cause: 'because' });
    await here.clock.sleep(1_000);
    expect(told).toBe(1);
    expect(here.calls).toHaveLength(1);
  });

  const sleeping = (more: JsonObject = {}): JsonObject =>
    states('Sleep', {
      Sleep: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        TimeoutSecondsPath: '$.seconds',
        Parameters: { FunctionName: 'f', Payload: { 'token.$': '$$.Task.Token', again: { 'token.$': '$$.Task.Token' } } },
        End: true,
        ...more,
      },
    });

  it('waits for a task token, the same wherever it is read, and gives what was sent', async () => {
    const here = world();
    const run = begin(sleeping(), here, { seconds: 600 });
    await here.clock.sleep(5_000);
    const { token, again } = here.calls[0] as { token: string; again: { token: string } };
    expect(again.token).toBe(token);
    expect(here.tokens.succeed(token, { woken: true })).toBe('sent');
    expect(here.tokens.succeed(token, { woken: true })).toBe('gone');
    expect(here.tokens.succeed('nonsense', null)).toBe('invalid');
    expect(await run.outcome).toEqual({ kind: 'succeeded', output: { woken: true } });
    expect(here.elapsedMs()).toBe(5_000);
  });

  it('accepts a token that is sent before the function returns', async () => {
    const here: World = world(async ({ token }) => {
      here.tokens.succeed(String(token), 'early');
      return await new Promise(() => undefined);
    });
    expect(await begin(sleeping(), here, { seconds: 600 }).outcome).toEqual({ kind: 'succeeded', output: 'early' });
  });

  it('times out on a task token and takes it no more', async () => {
    const here = world();
    const definition = {
      ...sleeping({ End: undefined, Next: 'Done', Catch: [{ ErrorEquals: ['States.Timeout'], ResultPath: '$.slept', Next: 'Done' }] }),
    };
    const run = begin({ ...definition, States: { ...(definition.States as JsonObject), Done: { Type: 'Succeed' } } }, here, {
      seconds: 90,
    });
    expect(await run.outcome).toMatchObject({ kind: 'succeeded', output: { slept: { Error: 'States.Timeout' } } });
    expect(here.elapsedMs()).toBe(90_000);
    expect(here.tokens.heartbeat(String(here.calls[0]!.token))).toBe('gone');
  });

  it('fails a task whose function fails before the token comes, and gives the retry another token', async () => {
    let failures = 0;
    const here: World = world(async ({ token }) => {
      if (failures++ === 0) throw new TaskError('Broken', 'not yet');
      here.tokens.fail(String(token), 'Refused', 'no');
      return null;
    });
    const run = begin(sleeping({ Retry: [{ ErrorEquals: ['Broken'] }] }), here, { seconds: 90 });
    expect(await run.outcome).toEqual({ kind: 'failed', error: 'Refused', cause: 'no' });
    expect(new Set(here.calls.map(({ token }) => token)).size).toBe(2);
  });

  const parent = states('Run', {
    Run: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:sfn:startSyncExecution',
      TimeoutSeconds: 300,
      Parameters: { StateMachineArn: 'child', 'Input.$': 'States.JsonToString($)' },
      End: true,
    },
  });

  it('runs a nested execution and gives its output as a string', async () => {
    const here = world(undefined, states('A', { A: { Type: 'Wait', Seconds: 3, End: true } }));
    const outcome = await begin(parent, here, { a: [1, 'two'] }).outcome;
    expect(outcome).toMatchObject({ kind: 'succeeded', output: { Status: 'SUCCEEDED', Output: '{"a":[1,"two"]}' } });
    expect(here.elapsedMs()).toBe(3_000);
  });

  it('gives a nested execution its input as it is, whatever is in its texts', async () => {
    const here = world(undefined, states('A', { A: { Type: 'Pass', End: true } }));
    const input = { said: 'a "b" \\ c\nd {} \'f\' (g)' };
    const outcome = await begin(parent, here, input).outcome;
    expect(outcome).toMatchObject({ kind: 'succeeded', output: { Status: 'SUCCEEDED', Output: JSON.stringify(input) } });
  });

  it('gives the failure of a nested execution as a reply, not as an error', async () => {
    const here = world(undefined, states('A', { A: { Type: 'Fail', Error: 'Sad', Cause: 'story' } }));
    const outcome = await begin(parent, here, {}).outcome;
    expect(outcome).toMatchObject({ kind: 'succeeded', output: { Status: 'FAILED', Error: 'Sad', Cause: 'story' } });
  });

  it('refuses payloads that the service would refuse, wherever they cross', async () => {
    const big = 'x'.repeat(262_145);
    const definition = states('A', { A: call('x', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }] }), B: { Type: 'Succeed' } });
    expect(
      await begin(
        definition,
        world(async () => big),
      ).outcome,
    ).toMatchObject({ kind: 'failed', error: 'States.DataLimitExceeded' });
    expect(await begin(definition, world(), { big }).outcome).toMatchObject({ kind: 'failed', error: 'States.DataLimitExceeded' });
  });

  it('copies what crosses, so that nobody shares an object with a function', async () => {
    const kept: JsonObject[] = [];
    const reply = { list: [1] };
    const here = world(async (payload) => {
      kept.push(payload);
      return reply;
    });
    const run = begin(
      states('A', {
        A: call({ 'x.$': '$.x' }, { OutputPath: undefined, ResultPath: '$.r', End: undefined, Next: 'B' }),
        B: call({ 'x.$': '$.r.Payload' }),
      }),
      here,
      { x: { y: 1 } },
    );
    const outcome = await run.outcome;
    expect(kept[1]!.x).toEqual(reply);
    expect(kept[1]!.x).not.toBe(reply);
    expect(outcome).toMatchObject({ kind: 'succeeded', output: reply });
    expect((outcome as { output: Json }).output).not.toBe(reply);
  });

  it('shows the execution and the time in the context object, also within a map', async () => {
    const here = world(async (payload) => payload);
    const shown = call({
      'id.$': '$$.Execution.Id',
      'name.$': '$$.Execution.Name',
      'began.$': '$$.Execution.StartTime',
      'entered.$': '$$.State.EnteredTime',
      'item.$': '$.item',
    });
    const definition = states('W', {
      W: { Type: 'Wait', Seconds: 60, Next: 'M' },
      M: {
        Type: 'Map',
        ItemsPath: '$.items',
        ItemSelector: { 'item.$': '$$.Map.Item.Value' },
        ItemProcessor: { ...states('A', { A: shown }) },
        End: true,
      },
    });
    const one = { id: 'arn:execution', name: 'first', began: '2001-01-01T00:00:00.000Z', entered: '2001-01-01T00:01:00.000Z' };
    expect(await begin(definition, here, { items: ['a', 'b'] }).outcome).toEqual({
      kind: 'succeeded',
      output: [
        { ...one, item: 'a' },
        { ...one, item: 'b' },
      ],
    });
  });

  it('does the same things in the same order, run after run', async () => {
    const definition = states('M', {
      M: {
        Type: 'Map',
        ItemsPath: '$.items',
        ItemProcessor: { ...states('A', { A: call({ 'ms.$': '$.ms' }, { Retry: [{ ErrorEquals: ['States.ALL'] }] }) }) },
        End: true,
      },
    });
    const order = async (): Promise<string> => {
      const events: string[] = [];
      const here: World = world(async ({ ms }) => {
        events.push(`begin ${String(ms)} at ${here.elapsedMs()}`);
        await here.clock.sleep(Number(ms));
        events.push(`end ${String(ms)} at ${here.elapsedMs()}`);
        if (events.length < 9) throw new Error('again');
        return null;
      });
      await begin(definition, here, { items: [{ ms: 30 }, { ms: 10 }, { ms: 20 }, { ms: 10 }] }).outcome;
      return events.join('\n');
    };
    const first = await order();
    expect(first.split('\n').length).toBeGreaterThan(10);
    expect(await order()).toBe(first);
  });

  it('refuses what it would do otherwise than the service', () => {
    const refused = (state: JsonObject, why: RegExp) =>
      expect(() => new StateMachineInterpreter(states('A', { A: state }), world().hooks)).toThrow(why);
    refused(call('x', { HeartbeatSeconds: 3 }), /state "A" uses heartbeats/);
    refused(call('x', { Resource: 'arn:aws:states:::sqs:sendMessage' }), /the resource arn:aws:states:::sqs:sendMessage/);
    refused(call('x', { Catch: [{ ErrorEquals: ['States.TaskFailed'], Next: 'A' }] }), /States.TaskFailed in a Catch/);
    refused({ Type: 'Map', Retry: [], ItemProcessor: states('B', { B: { Type: 'Succeed' } }), End: true }, /Retry on a Map/);
    refused({ Type: 'Map', ItemProcessor: states('A', { A: { Type: 'Succeed' } }), End: true }, /a name that another state/);
  });

  it.each(['job', 'checkpoint', 'group'])('takes the %s workflow as it is deployed', (name) => {
    const text = readFileSync(new URL(`../../infra/workflows/${name}.asl.json`, import.meta.url), 'utf8');
    expect(() => new StateMachineInterpreter(JSON.parse(text) as JsonObject, world().hooks)).not.toThrow();
  });
});
