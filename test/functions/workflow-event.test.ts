// Catches: an event that no workflow sends reaching the engine, and one that they do send being refused.
import { describe, expect, it } from 'vitest';
import { coordinatorCommandOf, slotEventOf } from '../../functions/workflow-event.ts';
import { WeirError } from '../../src/base/errors.ts';

const jobId = 'a'.repeat(32);
const epoch = { jobId, generation: 1, checkpoint: 3, attempt: 4, parent: { checkpoint: 2, attempt: 3 }, slots: 2, stamp: 1, batch: {} };

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return WeirError.is(error) ? error.code : String(error);
  }
  return 'accepted';
}

describe('the coordinator', () => {
  it.each([
    { command: 'open', jobId, generation: 1 },
    { command: 'inject', jobId, generation: 1, runId: 'arn', runStartedAt: '2026-01-01T00:00:00Z', turn: 0, runs: 0, prepared: [] },
    { command: 'seal', jobId, level: 1, epoch },
    {
      command: 'sumUp',
      jobId,
      replies: [
        { kind: 'acknowledged', slot: 0, level: 0 },
        { kind: 'lost', slot: 1, error: {} },
      ],
    },
    { command: 'complete', jobId, generation: 1, checkpoint: 3, attempt: 4, replies: [[{ kind: 'acknowledged' }], [{ kind: 'well' }]] },
    { command: 'abort', jobId, generation: 1, attempt: 0, reason: { kind: 'error', error: { Error: 'States.Timeout' } } },
    { command: 'effects', jobId, generation: 1 },
    { command: 'park', jobId, generation: 1, taskToken: 'token' },
    { command: 'handOver', jobId, generation: 1 },
    { command: 'plan', args: {} },
  ])('takes what workflows send: $command', (event) => {
    expect(coordinatorCommandOf(event)).toEqual(event);
  });

  it.each([
    ['nothing', undefined],
    ['a text', 'open'],
    ['no command', { jobId, generation: 1 }],
    ['an unknown command', { command: 'drop', jobId, generation: 1 }],
    ['an id that is none', { command: 'open', jobId: '../x', generation: 1 }],
    ['a generation that is no whole number', { command: 'effects', jobId, generation: 1.5 }],
    ['a level of no attempt', { command: 'seal', jobId, level: 1, epoch: { ...epoch, attempt: undefined } }],
    ['an attempt that is missing', { command: 'complete', jobId, generation: 1, checkpoint: 3, replies: [] }],
    ['a token that is no text', { command: 'park', jobId, generation: 1, taskToken: 1 }],
  ])('refuses %s', (_what, event) => {
    expect(codeOf(() => coordinatorCommandOf(event))).toBe('EVENT_INVALID');
  });
});

describe('a slot', () => {
  it('takes what workflows send, with all that it holds', () => {
    const index = { uri: 's3://bucket/index', headBytes: 1, headChecksum: 'ab' };
    const run = { slot: 1, call: { command: 'run', level: 0, epoch, index } };
    const ready = { parent: epoch.parent, slots: 2, deadlineMs: 5 };
    const prepare = { slot: 0, call: { command: 'prepare', jobId, generation: 1, prepare: ready } };
    expect(slotEventOf(run)).toEqual(run);
    expect(slotEventOf(prepare)).toEqual(prepare);
  });

  it.each([
    ['a negative slot', { slot: -1, call: { command: 'run', level: 0, epoch } }],
    ['an epoch without a parent', { slot: 0, call: { command: 'run', level: 0, epoch: { ...epoch, parent: undefined } } }],
    ['an epoch of no job', { slot: 0, call: { command: 'run', level: 0, epoch: { ...epoch, jobId: 'x' } } }],
  ])('refuses %s', (_what, event) => {
    expect(codeOf(() => slotEventOf(event))).toBe('EVENT_INVALID');
  });
});
