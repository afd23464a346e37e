// Catches environments that are not warm, not alone, not bounded, or that outlive their host.
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/base/random.ts';
import type { FunctionLogLine } from '../../src/local-cloud/function-environment.ts';
import { FunctionHost } from '../../src/local-cloud/function-host.ts';
import type { FunctionDefinition } from '../../src/local-cloud/hosted-function.ts';
import { processIdentity } from '../../src/local-cloud/process-identity.ts';
import { eventually } from './eventually.ts';

const handlers = fileURLToPath(new URL('./fixtures/handlers.mjs', import.meta.url));
const loud = fileURLToPath(new URL('./fixtures/loud.mjs', import.meta.url));
const broken = fileURLToPath(new URL('./fixtures/broken.mjs', import.meta.url));

const hosts: FunctionHost[] = [];
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.stop()));
});

function hostOf(lines: FunctionLogLine[] = [], idleMs = 600_000, timeLimits = true): FunctionHost {
  const host = new FunctionHost({
    dataDir: undefined,
    random: systemRandom,
    variables: () => ({}),
    idleMs,
    timeLimits,
    onLog: (line) => lines.push(line),
  });
  hosts.push(host);
  return host;
}

async function functionOf(handler: string, more: Partial<FunctionDefinition> = {}, host = hostOf()) {
  await host.create({
    name: 'f',
    handler: handlers,
    export: handler,
    environment: { GREETING: 'hi' },
    timeoutMs: 10_000,
    memoryMb: 256,
    ...more,
  });
  return {
    host,
    invoke: (event: unknown, signal?: AbortSignal) => host.invoke('f', JSON.stringify(event), signal),
    reply: async (event: unknown = {}): Promise<Record<string, unknown>> => {
      const outcome = await host.invoke('f', JSON.stringify(event));
      if (outcome.kind !== 'returned') throw new Error(JSON.stringify(outcome));
      return JSON.parse(outcome.payload) as Record<string, unknown>;
    },
  };
}

const failure = (errorType: string, errorMessage?: unknown) => ({
  kind: 'failed',
  error: expect.objectContaining(errorMessage === undefined ? { errorType } : { errorType, errorMessage }),
});

describe('the function host', () => {
  it('runs a handler in a process of its own that stays warm and has only the environment it was given', async () => {
    const { reply } = await functionOf('echo');
    const first = await reply({ a: [1] });
    expect(first).toMatchObject({ event: { a: [1] }, calls: 1, name: 'f', variable: 'hi' });
    expect(first.requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    expect(first.leftMs).toBeGreaterThan(0);
    expect(first.leftMs).toBeLessThanOrEqual(10_000);
    expect(first.pid).not.toBe(process.pid);
    expect(first.home).toBeUndefined();
    expect(await reply()).toMatchObject({ calls: 2, pid: first.pid });
  });

  it('loads a function before its first call when it is warmed, once, for that call', async () => {
    const lines: FunctionLogLine[] = [];
    const { host, reply } = await functionOf('pid', { handler: loud }, hostOf(lines));
    host.warm('f');
    host.warm('f');
    await eventually(() => lines.length).toBe(1);
    const { pid } = await reply();
    host.warm('f');
    expect(await reply()).toEqual({ pid });
    expect(lines.map(({ line }) => line)).toEqual([`loaded by ${String(pid)}`]);
    expect(() => host.warm('g')).toThrow('There is no function "g"');
  });

  it('takes ARNs for names, and knows no others', async () => {
    const { host } = await functionOf('nothing');
    expect(await host.invoke('arn:aws:lambda:us-east-1:000000000000:function:f:7', '{}')).toEqual({ kind: 'returned', payload: 'null' });
    expect(await host.invoke('g', '{}')).toEqual({ kind: 'unknownFunction' });
  });

  it("reports what the handler threw, by the error's name", async () => {
    const { invoke } = await functionOf('fail');
    expect(await invoke({})).toEqual(failure('RangeError', 'out of range'));
  });

  it('reports a handler that does not load, or is not there', async () => {
    const { host, invoke } = await functionOf('echo', { handler: broken });
    expect(await invoke({})).toEqual(failure('SyntaxError', 'does not load'));
    await functionOf('absent', {}, host);
    expect(await invoke({})).toEqual(failure('Runtime.HandlerNotFound'));
  });

  it('kills an environment at the time-out, even one that never yields, and starts another', async () => {
    const { host, invoke } = await functionOf('hang', { timeoutMs: 300 });
    expect(await invoke({})).toEqual(failure('Sandbox.Timedout', expect.stringContaining('timed out after 0.30 seconds')));
    const { reply } = await functionOf('echo', {}, host);
    expect(await reply()).toMatchObject({ calls: 1 });
  });

  it('lets calls take as long as they do, and wait for their turn, without time limits', async () => {
    const { invoke } = await functionOf('pause', { timeoutMs: 100, busyWaitMs: 100 }, hostOf([], 600_000, false));
    const calls = await Promise.all([invoke({ ms: 400 }), invoke({ ms: 0 })]);
    expect(calls.map(({ kind }) => kind)).toEqual(['returned', 'returned']);
  });

  it('gives a function an inspector and loads nothing before a debugger is there', async () => {
    const lines: FunctionLogLine[] = [];
    const options = { dataDir: undefined, random: systemRandom, variables: () => ({}), idleMs: 600_000, timeLimits: false };
    const host = new FunctionHost({
      ...options,
      onLog: (line) => lines.push(line),
      inspectorPort: (name) => (name === 'f' ? 0 : undefined),
    });
    hosts.push(host);
    const { reply } = await functionOf('echo', {}, host);
    const answer = reply();
    await eventually(() => lines.some(({ line }) => line.startsWith('Debugger listening on'))).toBe(true);
    const [, address] = /(ws:.*)/.exec(lines[0]!.line)!;
    const debug = new WebSocket(address!);
    debug.addEventListener('open', () => debug.send(JSON.stringify({ id: 1, method: 'Runtime.runIfWaitingForDebugger' })));
    expect(await answer).toMatchObject({ calls: 1 });
    debug.close();
  });

  it('reports an environment that ends by itself', async () => {
    const { invoke } = await functionOf('exit');
    expect(await invoke({})).toEqual(failure('Runtime.ExitError', 'Error: Runtime exited with error: exit status 3'));
    expect(await invoke({})).toEqual(failure('Runtime.ExitError'));
  });

  it('ends an environment that takes more memory than it may', async () => {
    const { invoke } = await functionOf('hoard', { memoryMb: 160 });
    expect(await invoke({})).toEqual(failure('Runtime.OutOfMemory', expect.stringContaining('of 160 MB')));
  });

  it('refuses payloads larger than Lambda takes, and replies that are no JSON', async () => {
    const { host, invoke } = await functionOf('bigReply');
    expect(await invoke('x'.repeat(6 * 1024 * 1024))).toMatchObject({ kind: 'requestTooLarge' });
    expect(await invoke({})).toEqual(failure('Function.ResponseSizeTooLarge'));
    await functionOf('circular', {}, host);
    expect(await invoke({})).toEqual(failure('Runtime.MarshalError'));
  });

  it('runs one call at a time and lets the others wait their turn', async () => {
    const { reply } = await functionOf('pause');
    const replies = await Promise.all([reply({ ms: 50 }), reply({ ms: 1 }), reply({ ms: 1 })]);
    expect(replies.map(({ calls }) => calls)).toEqual([1, 2, 3]);
    expect(new Set(replies.map(({ pid }) => pid)).size).toBe(1);
  });

  it('throttles a second call where it is told to', async () => {
    const { invoke } = await functionOf('pause', { busyWaitMs: 0 });
    const first = invoke({ ms: 200 });
    expect(await invoke({ ms: 1 })).toEqual({ kind: 'throttled' });
    expect(await first).toMatchObject({ kind: 'returned' });
  });

  it('goes on with a call that nobody waits for, and forgets one that has not begun', async () => {
    const lines: FunctionLogLine[] = [];
    const { reply, invoke } = await functionOf('pause', {}, hostOf(lines));
    await reply({ ms: 0 });
    const leaving = new AbortController();
    const calls = [invoke({ ms: 200 }, leaving.signal), invoke({ ms: 0 }, leaving.signal)];
    await eventually(() => lines.at(-1)?.line).toBe('begun 200');
    leaving.abort('left');
    expect(await Promise.allSettled(calls)).toEqual([
      { status: 'rejected', reason: 'left' },
      { status: 'rejected', reason: 'left' },
    ]);
    expect(await reply({ ms: 0 })).toMatchObject({ calls: 3 });
  });

  it('kills an environment in the middle of a call when asked to', async () => {
    const lines: FunctionLogLine[] = [];
    const { host, invoke, reply } = await functionOf('pause', {}, hostOf(lines));
    const { pid } = await reply({ ms: 0 });
    const call = invoke({ ms: 60_000 });
    await eventually(() => lines.at(-1)?.line).toBe('begun 60000');
    await host.killEnvironment('f');
    expect(await call).toEqual(failure('Runtime.ExitError', expect.stringContaining('SIGKILL')));
    expect(processIdentity(Number(pid))).toBeUndefined();
    expect(await reply({ ms: 0 })).toMatchObject({ calls: 1 });
  });

  it('delivers a call twice when asked to, once', async () => {
    const { host, reply } = await functionOf('echo');
    host.doubleNextCall('f');
    expect(await reply()).toMatchObject({ calls: 2 });
    host.doubleNextCall('f', 'first');
    expect(await reply()).toMatchObject({ calls: 3 });
    expect(await reply()).toMatchObject({ calls: 5 });
  });

  it('ends environments that had no call for long', async () => {
    const { reply } = await functionOf('echo', {}, hostOf([], 50));
    const { pid } = await reply();
    await eventually(() => processIdentity(Number(pid))).toBeUndefined();
    expect(await reply()).toMatchObject({ calls: 1 });
  });

  it('passes on what a function prints, line by line', async () => {
    const lines: FunctionLogLine[] = [];
    const { invoke } = await functionOf('speak', {}, hostOf(lines));
    await invoke({});
    await eventually(() => lines.length).toBe(3);
    expect(lines.filter(({ stream }) => stream === 'stdout').map(({ line }) => line)).toEqual(['hello', 'there']);
    expect(lines.find(({ stream }) => stream === 'stderr')).toEqual({ functionName: 'f', stream: 'stderr', line: 'oh' });
  });

  it('refuses functions that cannot be', async () => {
    await expect(functionOf('echo', { name: 'no spaces' })).rejects.toThrow('must be 1 to 64 letters');
    await expect(functionOf('echo', { handler: '/nowhere.mjs' })).rejects.toThrow('absolute path');
    await expect(functionOf('echo', { memoryMb: 64 })).rejects.toThrow('128 to 10240');
  });
});
