import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WeirError } from '../../src/base/errors.ts';
import { explainError, explainFailure } from '../../src/cli/explain-error.ts';
import { userFrames } from '../../src/cli/user-frames.ts';
import { ownPackageRoot } from '../../src/program/own-package.ts';

const stack = [
  'Error: no airport',
  '    at onElement (/home/somebody/jobs/job.ts:12:9)',
  `    at KeyedProcess.run (${join(ownPackageRoot, 'src/runtime/keyed-process.ts')}:40:7)`,
  '    at file:///home/somebody/jobs/lib/parse.ts:3:1',
  '    at /home/somebody/node_modules/zod/index.js:1:1',
  '    at process.processTicksAndRejections (node:internal/process/task_queues:103:5)',
  `    at example (${join(ownPackageRoot, 'examples/flight-delays/job.ts')}:5:5)`,
].join('\n');

describe('an explanation', () => {
  it('is one line of cause and one of advice', () => {
    const error = new WeirError({ code: 'X', domain: 'user', message: 'It is\n  wrong.', advice: 'Do\nright.' });
    expect(explainError(error, false)).toMatchObject({ code: 'X', message: 'It is wrong.', advice: 'Do right.' });
  });

  it('has the whole stack and its causes with --verbose', () => {
    const explained = explainError(new WeirError({ code: 'X', domain: 'internal', message: 'Outer.', cause: new Error('inner') }), true);
    expect(explained.stack).toContain('Caused by:');
    expect(explained.stack.join('\n')).toContain('inner');
  });

  it('says of an error nobody foresaw how to see more', () => {
    expect(explainError(new TypeError('x is not a function'), false)).toMatchObject({
      code: 'UNEXPECTED',
      advice: expect.stringContaining('--verbose'),
    });
  });

  it("shows a program's fault in the author's own lines only", () => {
    const cause = {
      code: 'USER_CODE',
      domain: 'program' as const,
      message: 'no airport',
      operator: 'delays',
      subtask: 1,
      position: 'flights.json, byte 7',
      stack,
    };
    const explained = explainFailure(cause, { verbose: false, directory: '/home/somebody/jobs' });
    expect(explained.message).toBe('no airport (operator "delays", subtask 1, at flights.json, byte 7).');
    expect(explained.stack).toEqual([
      '    at onElement (job.ts:12:9)',
      '    at lib/parse.ts:3:1',
      `    at example (${join(ownPackageRoot, 'examples/flight-delays/job.ts')}:5:5)`,
    ]);
  });

  it("shows no frames of a fault that is not the program's", () => {
    const cause = { code: 'SERVICE_FAILED', domain: 'external' as const, message: 'DynamoDB failed.', stack };
    expect(explainFailure(cause, { verbose: false, directory: '/' }).stack).toEqual([]);
  });

  it('reads stacks without frames', () => {
    expect(userFrames('Error: x', '/')).toEqual([]);
  });
});
