// Catches: calls out of turn that would mix attempts up, values that look fine while warm and are gone when cold, and
// state that ends up with a wrong subtask.
import { describe, expect, it } from 'vitest';
import { createSubtaskState, type OperatorState, restoreSubtaskState } from '../../src/state/index.ts';
import { keyGroupOf } from '../../src/values/key-hash.ts';
import { CommittedState, contentOf, operatorA, operatorB, vertexOf } from './fixtures.ts';

const options = { vertex: vertexOf(1, 16), subtask: 0 };
const of = (checkpoint: number) => ({ checkpoint, attempt: checkpoint, nonce: 'n' });

function set(operator: OperatorState, key: string | number, value: unknown): void {
  operator.setCurrentKey(key, -1);
  operator.valueState('total').update(value);
}

describe('a copy of state', () => {
  it('begins empty at checkpoint 0, and names its parent and what is on top', () => {
    const state = createSubtaskState(options);
    expect([state.parent, state.top, state.entries]).toEqual([{ checkpoint: 0, attempt: 0 }, undefined, 0]);
    state.begin();
    set(state.operator(operatorA), 'x', 1);
    state.snapshot({ checkpoint: 1, attempt: 4, nonce: 'n' });
    expect([state.parent, state.top]).toEqual([
      { checkpoint: 0, attempt: 0 },
      { checkpoint: 1, attempt: 4 },
    ]);
    state.promote();
    expect([state.parent, state.top]).toEqual([{ checkpoint: 1, attempt: 4 }, undefined]);
  });

  it('refuses calls out of turn', () => {
    const state = createSubtaskState(options);
    const operator = state.operator(operatorA);
    expect(() => state.snapshot(of(1))).toThrow('a snapshot comes after begin');
    expect(() => state.promote()).toThrow('has met its barrier');
    expect(() => set(operator, 'x', 1)).toThrow('between begin and the barrier');
    expect(() => operator.timers.register(1)).toThrow('between begin and the barrier');
    expect(() => operator.setOperatorValue('positions', 1)).toThrow('between begin and the barrier');
    state.begin();
    expect(() => state.begin()).toThrow('begin comes when');
    expect(() => state.apply([], { checkpoint: 1, attempt: 1 })).toThrow('while no attempt is at hand');
    set(operator, 'x', 1);
    expect(() => state.snapshot(of(0))).toThrow('comes after 0');
    state.snapshot(of(1));
    expect(() => state.begin()).toThrow('begin comes when');
    expect(() => state.snapshot(of(1))).toThrow('a snapshot comes after begin');
    expect(() => set(operator, 'x', 2)).toThrow('between begin and the barrier');
    expect(operator.valueState('total').value()).toBe(1);
    state.undo();
    state.undo();
    expect(state.entries).toBe(0);
    expect(() => state.operator('c'.repeat(32))).toThrow('is one of vertex');
    expect(() => state.apply([], { checkpoint: -1, attempt: 0 })).toThrow('loaded forward');
  });

  it('wants a current key, which does not outlive the attempt', () => {
    const state = createSubtaskState(options);
    const operator = state.operator(operatorA);
    state.begin();
    expect(() => operator.valueState('total').value()).toThrow('with a current key');
    set(operator, 'x', 1);
    expect(operator.currentKey).toBe('x');
    state.undo();
    expect(() => operator.currentKey).toThrow('with a current key');
  });

  it('keeps operators, names and keys of equal look apart', () => {
    const state = createSubtaskState(options);
    state.begin();
    set(state.operator(operatorA), 1, 'number');
    set(state.operator(operatorA), '1', 'text');
    const other = state.operator(operatorB);
    other.setCurrentKey(1, -1);
    expect(other.valueState('total').value()).toBeUndefined();
    state.operator(operatorA).setCurrentKey(1, -1);
    expect(state.operator(operatorA).valueState('total').value()).toBe('number');
    expect(state.operator(operatorA).valueState('other').value()).toBeUndefined();
  });

  it('takes an update to undefined as clear, and null as a value', () => {
    const committed = new CommittedState(options);
    committed.epoch((state) => {
      set(state.operator(operatorA), 'x', null);
      set(state.operator(operatorA), 'y', 1);
      set(state.operator(operatorA), 'y', undefined);
    });
    const content = contentOf(committed.restored(), ['x', 'y'], ['total'], [operatorA]) as {
      readonly content: readonly { readonly values: unknown }[];
    };
    expect(content.content[0]!.values).toEqual([[null], [undefined]]);
  });

  it('refuses a key that routing sent to the wrong subtask or under the wrong key group', () => {
    const state = createSubtaskState({ vertex: vertexOf(2, 16), subtask: 1 });
    const operator = state.operator(operatorA);
    const [foreign, other] = [1, 2, 3, 4, 5, 6, 7, 8].filter((key) => keyGroupOf(key, 16) < 8);
    state.begin();
    expect(() => set(operator, foreign!, 1)).toThrow('belongs to this subtask');
    operator.setCurrentKey(other!, 9);
    expect(() => operator.valueState('total').update(1)).toThrow("is the key's");
  });

  it('names operator, state, key and path of what is not plain data, and can be undone', () => {
    const state = createSubtaskState(options);
    state.begin();
    set(state.operator(operatorA), 'JFK', { list: [1, new Map()] });
    expect(() => state.snapshot(of(1))).toThrowError(
      expect.objectContaining({
        code: 'VALUE_NOT_PLAIN',
        domain: 'program',
        message: 'State must be plain data, but in state "total" for key "JFK" of operator "first" field "list[1]" is an instance of Map.',
        subject: { operator: 'first' },
      }),
    );
    state.undo();
    state.begin();
    state.operator(operatorB).setOperatorValue('positions', (() => 1) as never);
    expect(() => state.snapshot(of(1))).toThrowError(
      expect.objectContaining({
        code: 'VALUE_NOT_PLAIN',
        message: expect.stringContaining('operator state "positions" of operator "second" the value is a function'),
      }),
    );
    state.undo();
    expect(state.entries).toBe(0);
  });

  it('freezes values on request, given and restored alike', () => {
    const committed = new CommittedState({ ...options, freeze: 'all' });
    const given = { list: [{ count: 1 }], text: 'a text that is longer than thirteen characters' };
    committed.epoch((state) => set(state.operator(operatorA), 'x', given));
    for (const state of [committed.state, committed.restored()]) {
      state.operator(operatorA).setCurrentKey('x', -1);
      const value = state.operator(operatorA).valueState<typeof given>('total').value() as typeof given;
      expect(value).toEqual(given);
      expect(() => value.list.push({ count: 2 })).toThrow(TypeError);
      expect(() => {
        value.list[0]!.count = 2;
      }).toThrow(TypeError);
    }
    expect(Object.isFrozen(given.list)).toBe(true);
  });

  it('writes an object that was changed in place and updated', () => {
    const committed = new CommittedState(options);
    const value = { count: 1 };
    committed.epoch((state) => set(state.operator(operatorA), 'x', value));
    committed.epoch((state) => {
      value.count = 2;
      set(state.operator(operatorA), 'x', value);
    });
    const restored = committed.restored();
    restored.operator(operatorA).setCurrentKey('x', -1);
    expect(restored.operator(operatorA).valueState('total').value()).toEqual({ count: 2 });
  });

  it('loads what two old subtasks wrote into one, and what one wrote into two', () => {
    const keys = Array.from({ length: 60 }, (_, key) => key);
    const halves = [0, 1].map((subtask) => {
      const committed = new CommittedState({ vertex: vertexOf(2, 16), subtask });
      const own = keys.filter((key) => keyGroupOf(key, 16) >> 3 === subtask);
      for (let epoch = 1; epoch <= 3; epoch++) {
        committed.epoch((state) => {
          for (const key of own.filter((each) => each % 3 < epoch)) {
            set(state.operator(operatorA), key, key * epoch);
            state.operator(operatorA).timers.register(key + epoch);
          }
        });
      }
      return committed;
    });
    const as = { checkpoint: 3, attempt: 3 };
    const whole = restoreSubtaskState(
      options,
      halves.flatMap((half) => half.shelf.load()),
      as,
    );
    const [first, second] = [0, 1].map((subtask) => ({ vertex: vertexOf(3, 16), subtask }));
    expect(whole.entries).toBe(halves[0]!.state.entries + halves[1]!.state.entries);
    const thirds = [first!, second!, { vertex: vertexOf(3, 16), subtask: 2 }].map((third) =>
      restoreSubtaskState(
        third,
        halves.flatMap((half) => half.shelf.load()),
        as,
      ),
    );
    expect(thirds.reduce((sum, third) => sum + third.entries, 0)).toBe(whole.entries);
    for (const key of keys) {
      whole.operator(operatorA).setCurrentKey(key, -1);
      expect(whole.operator(operatorA).valueState('total').value()).toBe(key * 3);
    }
  });

  it('forgets what it looked up when it catches up', () => {
    const committed = new CommittedState(options);
    const stale = createSubtaskState(options);
    const read = () => {
      stale.operator(operatorA).setCurrentKey('x', -1);
      return stale.operator(operatorA).valueState('total').value();
    };
    for (const value of [1, 2, undefined]) {
      committed.epoch((state) => set(state.operator(operatorA), 'x', value));
      committed.shelf.catchUp(stale, committed.state.parent);
      expect(read()).toBe(value);
    }
  });

  it('is of no use after loading failed half-way', () => {
    const committed = new CommittedState(options);
    committed.epoch((state) => set(state.operator(operatorA), 'x', 1));
    const [loaded] = committed.shelf.load();
    const state = createSubtaskState(options);
    expect(() =>
      state.apply([{ ref: { ...loaded!.ref, operatorState: true }, bytes: loaded!.bytes }], { checkpoint: 1, attempt: 1 }),
    ).toThrow('no operator state');
    expect(() => state.begin()).toThrow('failed to load');
  });

  it('refuses segments of another checkpoint or another max parallelism', () => {
    const committed = new CommittedState(options);
    committed.epoch((state) => set(state.operator(operatorA), 'x', 1));
    const [loaded] = committed.shelf.load();
    const as = { checkpoint: 2, attempt: 2 };
    expect(() => restoreSubtaskState(options, [{ ref: { ...loaded!.ref, checkpoint: 2 }, bytes: loaded!.bytes }], as)).toThrow(
      'of checkpoint 1 instead of 2',
    );
    expect(() => restoreSubtaskState({ vertex: vertexOf(1, 32), subtask: 0 }, [loaded!], as)).toThrow(
      'with max parallelism 16, but the job has 32',
    );
  });
});
