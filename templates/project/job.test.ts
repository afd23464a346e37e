import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomFaults, simulateJob } from 'weir-streams/testing';
import job from './job.ts';

const files = { 'file:///texts/a.txt': 'The weir and\nthe stream.\n', 'file:///texts/b.txt': 'A weir\n' };
const args = { input: 'file:///texts', output: 'file:///counts' };
const expected = ['a 1', 'and 1', 'stream 1', 'the 2', 'weir 2'];

/** What the job wrote, as sorted lines. */
const countsIn = (written: { readonly [uri: string]: string }): readonly string[] =>
  Object.values(written)
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly word: string; readonly count: number })
    .map(({ word, count }) => `${word} ${count}`)
    .sort();

test('words are counted over all files, whatever their case', async () => {
  const result = await simulateJob(job, { args, files });
  assert.equal(result.status, 'FINISHED');
  assert.deepEqual(countsIn(result.files('file:///counts')), expected);
});

test('each is counted once, whatever goes wrong', async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const faults = randomFaults({ seed, probability: 0.03, untilCall: 400 });
    const result = await simulateJob(job, { args, files, seed, faults, parallelism: 2 });
    assert.deepEqual(countsIn(result.files('file:///counts')), expected, `seed ${seed}`);
  }
});
