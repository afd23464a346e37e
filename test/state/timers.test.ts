// Catches: timers that fire out of order or twice, and heaps that keep dropped timers for ever.
import { describe, expect, it } from 'vitest';
import { createSubtaskState, type SubtaskState } from '../../src/state/index.ts';
import { KeyTimers, Timer } from '../../src/state/timer.ts';
import { TimerHeap } from '../../src/state/timer-heap.ts';
import type { Key } from '../../src/values/key.ts';
import { CommittedState, operatorA, vertexOf } from './fixtures.ts';

const options = { vertex: vertexOf(1, 16), subtask: 0 };

function register(state: SubtaskState, key: Key, time: number): void {
  state.operator(operatorA).setCurrentKey(key, -1);
  state.operator(operatorA).timers.register(time);
}

function pollAll(state: SubtaskState, upTo: number): unknown[] {
  const { timers } = state.operator(operatorA);
  const fired: unknown[] = [];
  for (let time = timers.poll(upTo); time !== undefined; time = timers.poll(upTo)) fired.push([time, state.operator(operatorA).currentKey]);
  return fired;
}

describe('timers', () => {
  it('fire by time, then by canonical key: booleans, numbers, bigint, strings', () => {
    const state = createSubtaskState(options);
    state.begin();
    for (const key of ['b', 10, 'a', 9, true, 2n, ['x']] satisfies Key[]) register(state, key, 5);
    register(state, 'z', 4);
    expect(pollAll(state, 5)).toEqual([
      [4, 'z'],
      [5, true],
      [5, 9],
      [5, 10],
      [5, 2n],
      [5, ['x']],
      [5, 'a'],
      [5, 'b'],
    ]);
  });

  it('of event time and of processing time are kept apart, at rest too', () => {
    const committed = new CommittedState(options);
    committed.epoch((state) => {
      register(state, 'x', 5);
      state.operator(operatorA).processingTimers.register(5);
      state.operator(operatorA).processingTimers.register(3);
      state.operator(operatorA).timers.delete(3);
    });
    const state = committed.restored();
    expect(state.operator(operatorA).processingTimers.earliest).toBe(3);
    state.begin();
    expect(pollAll(state, 9)).toEqual([[5, 'x']]);
    expect(state.operator(operatorA).processingTimers.poll(3)).toBe(3);
    expect(state.operator(operatorA).currentKey).toBe('x');
    expect(state.operator(operatorA).processingTimers.poll(4)).toBeUndefined();
    expect(state.operator(operatorA).processingTimers.poll(5)).toBe(5);
  });

  it('fire once however often they were registered, and not beyond the time asked for', () => {
    const state = createSubtaskState(options);
    state.begin();
    for (const time of [3, 3, 1, 7, -0, 0]) register(state, 'x', time);
    expect(state.operator(operatorA).timers.earliest).toBe(0);
    expect(pollAll(state, 6)).toEqual([
      [0, 'x'],
      [1, 'x'],
      [3, 'x'],
    ]);
    expect(state.operator(operatorA).timers.earliest).toBe(7);
    register(state, 'x', 3);
    expect(pollAll(state, 6)).toEqual([[3, 'x']]);
  });

  it('may be registered and deleted while they fire', () => {
    const state = createSubtaskState(options);
    state.begin();
    register(state, 'x', 1);
    register(state, 'y', 2);
    const { timers } = state.operator(operatorA);
    expect(timers.poll(10)).toBe(1);
    timers.register(1.5);
    state.operator(operatorA).setCurrentKey('y', -1);
    timers.delete(2);
    timers.delete(99);
    expect(pollAll(state, 10)).toEqual([[1.5, 'x']]);
    expect(timers.earliest).toBeUndefined();
  });

  it('come back when the attempt that fired them is undone, and are gone when it is promoted', () => {
    const committed = new CommittedState(options);
    committed.epoch((state) => {
      register(state, 'x', 1);
      register(state, 'y', 2);
    });
    const { state } = committed;
    state.begin();
    expect(pollAll(state, 1)).toHaveLength(1);
    register(state, 'z', 0);
    state.snapshot({ checkpoint: 2, attempt: 7, nonce: 'n' });
    state.undo();
    committed.epoch((again) => expect(pollAll(again, 1)).toEqual([[1, 'x']]));
    committed.epoch((again) => expect(pollAll(again, 9)).toEqual([[2, 'y']]));
    expect(committed.restored().entries).toBe(0);
  });

  it('need a finite time', () => {
    const state = createSubtaskState(options);
    state.begin();
    for (const time of [Number.NaN, Infinity]) {
      const invalid = expect.objectContaining({ code: 'TIMER_INVALID', domain: 'program' });
      expect(() => register(state, 'x', time)).toThrowError(invalid);
      expect(() => state.operator(operatorA).timers.delete(time)).toThrowError(invalid);
    }
  });

  it('are found among very many of one key', () => {
    const committed = new CommittedState(options);
    committed.epoch((state) => {
      for (let time = 0; time < 5_000; time++) register(state, 'x', time);
      for (let time = 0; time < 5_000; time += 2) state.operator(operatorA).timers.delete(time);
    });
    expect(committed.state.entries).toBe(2_500);
    const restored = committed.restored();
    restored.begin();
    expect(pollAll(restored, 10)).toEqual([1, 3, 5, 7, 9].map((time) => [time, 'x']));
  });

  it('leave the heap in time when they are put off again and again', () => {
    const heap = new TimerHeap();
    const owner = new KeyTimers('x', 0, 'x');
    const timers = Array.from({ length: 1_000 }, (_, time) => new Timer((time * 7_919) % 1_000, owner));
    for (const timer of timers) {
      timer.registered = true;
      heap.push(timer);
    }
    for (const timer of timers) timer.registered = timer.time % 3 === 0;
    heap.shed();
    expect(heap.length).toBe(334);
    expect(timers.every((timer) => timer.inHeap === timer.registered)).toBe(true);
    const order: number[] = [];
    for (let timer = heap.peek(); timer !== undefined; timer = heap.peek()) {
      order.push(timer.time);
      heap.pop();
    }
    expect(order).toEqual(Array.from({ length: 334 }, (_, index) => index * 3));
  });
});
