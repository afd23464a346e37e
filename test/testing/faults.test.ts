import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { WeirError } from '../../src/base/errors.ts';
import { seededRandom } from '../../src/base/random.ts';
import {
  type Fault,
  type FaultPlan,
  faultKindsOf,
  faultsAt,
  type PortCall,
  randomFaults,
  scatteredFaults,
} from '../../src/testing/faults.ts';
import { PortCalls } from '../../src/testing/port-calls.ts';
import { SimulatedClock } from '../../src/testing/simulated-clock.ts';
import { Environment, SimulatedFunctions } from '../../src/testing/simulated-functions.ts';
import { SimulatedObjects } from '../../src/testing/simulated-object-store.ts';
import { SimulatedRecords } from '../../src/testing/simulated-record-store.ts';

function world(plan: FaultPlan) {
  const clock = new SimulatedClock(0);
  const random = seededRandom(7);
  const calls = new PortCalls({ clock, random, plan });
  return {
    clock,
    calls,
    records: new SimulatedRecords(calls),
    objects: new SimulatedObjects(calls),
    functions: new SimulatedFunctions({ calls, clock, random }),
  };
}

const key = { partition: 'p', sort: 's' };
const environment = () => new Environment('slot#0');

/** Whether a promise is settled once the world has come to rest. */
async function settles(clock: SimulatedClock, promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = () => {
    settled = true;
  };
  promise.then(note, note);
  await clock.sleep(10_000_000);
  return settled;
}

describe('faults at stores', () => {
  it('fails before the effect', async () => {
    const { records } = world(faultsAt({ 0: 'errorBefore' }));
    await expect(records.for().put(key, {}, { kind: 'absent' })).rejects.toSatisfy(
      (error) => WeirError.is(error) && error.domain === 'external',
    );
    expect(records.peek(key)).toBeUndefined();
  });

  it('loses the reply after the effect', async () => {
    const { records } = world(faultsAt({ 0: 'errorAfter' }));
    await expect(records.for().put(key, { a: 1 }, { kind: 'absent' })).rejects.toThrow('errorAfter');
    expect(records.peek(key)?.revision).toBe(1);
  });

  it('has the effect of a failed call later', async () => {
    const { records, clock } = world(faultsAt({ 0: { kind: 'errorLate', ms: 500 } }));
    await expect(records.for().put(key, {}, { kind: 'absent' })).rejects.toThrow('errorLate');
    expect(records.peek(key)).toBeUndefined();
    await clock.sleep(500);
    expect(records.peek(key)?.revision).toBe(1);
  });

  it('names throttling as want of resources', async () => {
    const { objects } = world(faultsAt({ 0: 'throttled' }));
    await expect(objects.for().get('s3://b/k')).rejects.toSatisfy((error) => WeirError.is(error) && error.domain === 'resources');
  });

  it('answers stored for a write that a hidden retry did twice', async () => {
    const { records } = world(faultsAt({ 0: 'doubled', 1: 'doubled' }));
    expect(await records.for().put(key, {}, { kind: 'absent' })).toEqual({ kind: 'stored', revision: 1 });
    expect(await records.for().put(key, {}, { kind: 'revision', revision: 1 })).toEqual({ kind: 'stored', revision: 2 });
  });

  it('lets a late echo of a conditional write fail without a trace', async () => {
    const { records, clock } = world(faultsAt({ 0: { kind: 'echo', ms: 500 } }));
    const store = records.for();
    await store.put(key, { version: 1 }, { kind: 'absent' });
    await store.put(key, { version: 2 }, { kind: 'revision', revision: 1 });
    await clock.sleep(1_000);
    expect(records.peek(key)?.fields).toEqual({ version: 2 });
  });

  it('delays past every time-out', async () => {
    const { objects, clock } = world(faultsAt({ 0: { kind: 'delay', ms: 400_000 } }));
    await objects.for().put('s3://b/k', utf8('x'));
    expect(clock.now()).toBeGreaterThanOrEqual(400_000);
  });

  it('takes the environment away before the effect, and nothing it waits for comes', async () => {
    const { records, clock } = world(faultsAt({ 0: 'loseEnvironment' }));
    const caller = environment();
    expect(await settles(clock, records.for(caller).put(key, {}, { kind: 'absent' }))).toBe(false);
    expect(caller.lost).toBe(true);
    expect(records.peek(key)).toBeUndefined();
    expect(await settles(clock, records.for(caller).get(key))).toBe(false);
  });

  it('takes the environment away after the effect', async () => {
    const { records, clock } = world(faultsAt({ 0: 'loseEnvironmentAfter' }));
    const caller = environment();
    expect(await settles(clock, records.for(caller).put(key, {}, { kind: 'absent' }))).toBe(false);
    expect(records.peek(key)?.revision).toBe(1);
  });
});

describe('faults at functions', () => {
  const counting = (started: { count: number }) => ({
    functionArn: 'f',
    timeLimitMs: 300_000,
    start: () => {
      started.count++;
      let calls = 0;
      return async () => ++calls;
    },
  });

  async function callThrice(plan: FaultPlan): Promise<{ replies: unknown[]; starts: number }> {
    const { functions } = world(plan);
    const started = { count: 0 };
    functions.define(counting(started));
    const replies: unknown[] = [];
    const caller = { kind: 'execution' as const, name: 'run', lost: false, slownessMs: 0, lose: () => undefined };
    for (let i = 0; i < 3; i++) {
      replies.push(await functions.invoke(caller, 'f', {}).catch((error: Error) => error.name));
    }
    return { replies, starts: started.count };
  }

  it.each<[Fault['kind'], unknown[], number]>([
    ['throttled', [1, 'Lambda.TooManyRequestsException', 2], 1],
    ['errorBefore', [1, 'Lambda.ServiceException', 2], 1],
    ['errorAfter', [1, 'Lambda.SdkClientException', 3], 1],
    ['loseEnvironment', [1, 'Runtime.ExitError', 1], 2],
    ['loseEnvironmentAfter', [1, 'Runtime.ExitError', 1], 2],
  ])('%s at the second of three calls', async (kind, replies, starts) => {
    expect(await callThrice(faultsAt({ 1: kind }))).toEqual({ replies, starts });
  });

  it('runs a doubled call in two environments at once', async () => {
    const { replies, starts } = await callThrice(faultsAt({ 0: 'doubled' }));
    expect(starts).toBe(2);
    expect(replies[0]).toBe(1);
  });

  it('tells the caller of a time-out while a zombie goes on and takes later calls with its old memory', async () => {
    const { functions, clock, records } = world(faultsAt({ 0: 'zombie' }));
    functions.define({
      functionArn: 'f',
      timeLimitMs: 300_000,
      start: (own) => async () => {
        await records.for(own).put(key, {}, { kind: 'absent' });
        return own.name;
      },
    });
    await expect(functions.invoke(environment(), 'f', {})).rejects.toSatisfy((error) => (error as Error).name === 'Sandbox.Timedout');
    expect(records.peek(key)).toBeUndefined();
    await clock.sleep(60_000);
    expect(records.peek(key)?.revision).toBe(1);
    expect(await functions.invoke(environment(), 'f', {})).toBe('f#0');
  });

  it('ends a call at the time limit, with its environment', async () => {
    const { functions, clock } = world(() => undefined);
    functions.define({
      functionArn: 'f',
      timeLimitMs: 1_000,
      start: (own) => async () =>
        own
          .clockOver(clock)
          .sleep(5_000)
          .then(() => null),
    });
    await expect(functions.invoke(environment(), 'f', {})).rejects.toSatisfy((error) => (error as Error).name === 'Sandbox.Timedout');
  });
});

describe('fault plans', () => {
  const call = (index: number): PortCall => ({ index, operation: 'records.put', target: 't', from: 'slot#0', callerKind: 'environment' });
  const drawn = (plan: FaultPlan) => Array.from({ length: 200 }, (_, index) => plan(call(index)));

  it('are the same for the same seed', () => {
    expect(drawn(scatteredFaults({ seed: 3, count: 5, among: 200 }))).toEqual(drawn(scatteredFaults({ seed: 3, count: 5, among: 200 })));
    expect(drawn(randomFaults({ seed: 3, probability: 0.1 }))).toEqual(drawn(randomFaults({ seed: 3, probability: 0.1 })));
    expect(drawn(randomFaults({ seed: 3, probability: 0.1 }))).not.toEqual(drawn(randomFaults({ seed: 4, probability: 0.1 })));
  });

  it('scatter as many faults as asked, of kinds that can happen there', () => {
    const faults = drawn(scatteredFaults({ seed: 1, count: 7, among: 200 })).filter((fault) => fault !== undefined);
    expect(faults).toHaveLength(7);
    for (const fault of faults) expect(faultKindsOf(call(0))).toContain(fault.kind);
  });

  it('leave out what can not happen at a call', () => {
    expect(faultsAt({ 0: 'zombie' })(call(0))).toBeUndefined();
  });
});
