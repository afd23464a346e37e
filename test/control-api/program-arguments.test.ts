import { describe, expect, it } from 'vitest';
import { programArguments } from '../../src/control-api/program-arguments.ts';

describe("a job's options", () => {
  it('are names with values, as two words or one', () => {
    expect(programArguments(['--input', 'a b.json', '--rate=5', '--offset', '-3'])).toEqual({ input: 'a b.json', rate: '5', offset: '-3' });
  });
  it('are true without a value, and a list when given again', () => {
    expect(programArguments(['--strict', '--tag', 'a', '--tag', 'b', '--empty='])).toEqual({ strict: true, tag: ['a', 'b'], empty: '' });
  });
  it('are refused when they are no options, or given with and without a value', () => {
    expect(() => programArguments(['input', 'a'])).toThrow('"input" is no option');
    expect(() => programArguments(['--strict', '--strict', 'yes'])).toThrow('--strict');
  });
  it('may be called like anything, without touching what objects inherit', () => {
    const made = programArguments(['--__proto__', 'x']);
    expect(Object.getOwnPropertyNames(made)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});
