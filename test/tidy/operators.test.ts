// A line of a job's log names the innermost operator on the stack: an operator that can't be seen there lends its lines to another.
import { expect, test } from 'vitest';
import { sourceFiles } from './source-files.ts';

/** Classes that only pass records on, and call no function of a user. */
const passOn = ['PlainHead', 'FanOut'];

test('whatever takes records and calls user code is an Operator', () => {
  const classes = sourceFiles('src/runtime/operators').flatMap(({ text }) =>
    [...text.matchAll(/class (\w+)(.*) implements [^{]*\b(?:Head|Receiver)\b/g)].map(([, name, extending]) => ({
      name: name!,
      extending: extending!,
    })),
  );
  expect(classes.length).toBeGreaterThan(8);
  expect(classes.filter(({ name, extending }) => !passOn.includes(name) && !extending.includes(' extends Operator'))).toEqual([]);
});
