// Catches: declarations from callers without types that would fail in the middle of a run, or be taken for something else.
import { describe, expect, it } from 'vitest';
import { aggregatingState, listState, mapState, reducingState, valueState } from '../../src/index.ts';
import { checkStateDeclarations } from '../../src/stream/check-state-declarations.ts';
import type { StateDeclarations } from '../../src/stream/state.ts';

const check = (declaration: unknown) => () => checkStateDeclarations({ total: declaration } as StateDeclarations);

describe('declarations of state', () => {
  it('may be of every kind, with every time to live', () => {
    class Mean {
      create(): number {
        return 0;
      }
      add(accumulator: number, value: number): number {
        return (accumulator + value) / 2;
      }
      result(accumulator: number): number {
        return this.create() + accumulator;
      }
    }
    const declarations = {
      value: valueState({ ttl: { ms: 1 } }),
      list: listState({ ttl: { ms: 1, update: 'onReadAndWrite' } }),
      map: mapState({ ttl: { ms: 1, visibility: 'returnExpiredIfNotCleanedUp' } }),
      reducing: reducingState<number>({ reduce: Math.max, ttl: { ms: Number.MAX_SAFE_INTEGER } }),
      aggregating: aggregatingState(new Mean()),
    };
    expect(() => checkStateDeclarations(declarations as StateDeclarations)).not.toThrow();
    expect(declarations.aggregating.result(3)).toBe(3);
  });

  it('are refused by name when they are of no kind or lack a function', () => {
    expect(check({})).toThrow(
      'State "total" cannot be declared: it must be made by valueState(), listState(), mapState(), reducingState() or aggregatingState(), but its kind is missing.',
    );
    expect(check({ kind: 'toString' })).toThrow('but its kind is "toString"');
    expect(check(null)).toThrow('but its kind is missing');
    expect(check(reducingState({} as never))).toThrow('reduce must be a function, but is missing');
    expect(check(aggregatingState({ create: () => 0, add: 1 } as never))).toThrow('add must be a function, but is 1');
  });

  it('are refused when their time to live makes no sense', () => {
    for (const ms of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, undefined, '1'])
      expect(check(valueState({ ttl: { ms: ms as number } }))).toThrow('ttl.ms must be a whole number of milliseconds, at least 1');
    expect(check(valueState({ ttl: 5 as never }))).toThrow('ttl.ms must be');
    expect(check(valueState({ ttl: { ms: 1, update: 'never' as never } }))).toThrow(
      'ttl.update must be "onCreateAndWrite" or "onReadAndWrite", but is "never"',
    );
    expect(check(valueState({ ttl: { ms: 1, visibility: true as never } }))).toThrow('but is true');
  });
});
