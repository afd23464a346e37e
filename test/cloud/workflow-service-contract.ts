import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../src/base/limits.ts';
import type { Json } from '../../src/cloud/index.ts';
import { type Gaps, skipGaps } from './skip-gaps.ts';
import type { WorkflowsUnderTest } from './workflows-under-test.ts';

/** What every workflow service must do, point by point of the contract in src/cloud/workflow-service.ts. */
export function workflowServiceContract(name: string, make: () => Promise<WorkflowsUnderTest>, gaps: Gaps = {}): void {
  describe(`${name} as a workflow service`, () => {
    skipGaps(gaps);
    let under: WorkflowsUnderTest;
    let directory: string;
    let executions = 0;
    const fresh = (): string => `execution-${executions++}`;

    beforeAll(async () => {
      under = await make();
      directory = mkdtempSync(join(tmpdir(), 'weir-tokens-'));
    });
    afterAll(async () => {
      await under.close();
      rmSync(directory, { recursive: true, force: true });
    });

    const defined = new Map<string, string>();
    async function workflow(called: string, states: { readonly [state: string]: Json }): Promise<string> {
      const known = defined.get(called) ?? (await under.define(called, { StartAt: Object.keys(states)[0]!, States: states }));
      defined.set(called, known);
      return known;
    }

    const passing = () => workflow('passing', { Pass: { Type: 'Pass', End: true } });
    const sleeping = () => workflow('sleeping', { Sleep: { Type: 'Wait', Seconds: 3_000, End: true } });
    const waiting = () =>
      workflow('waiting', {
        Park: {
          Type: 'Task',
          Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
          TimeoutSeconds: 3_000,
          Parameters: { FunctionName: under.functionArn('keepToken'), Payload: { 'path.$': '$.path', 'token.$': '$$.Task.Token' } },
          End: true,
        },
      });

    async function ended(arn: string, execution: string): Promise<string | undefined> {
      for (;;) {
        const status = await under.workflows.status(arn, execution);
        if (status !== 'RUNNING') return status;
        await under.sleep(50);
      }
    }

    async function parked(): Promise<{ readonly arn: string; readonly execution: string; readonly token: string }> {
      const [arn, execution] = [await waiting(), fresh()];
      const path = join(directory, execution);
      await under.workflows.start(arn, execution, { path });
      while (!existsSync(path) || readFileSync(path, 'utf8') === '') await under.sleep(50);
      return { arn, execution, token: readFileSync(path, 'utf8') };
    }

    it('1: uses the name of an execution once', async () => {
      const [arn, execution] = [await passing(), fresh()];
      expect(await under.workflows.start(arn, execution, { input: 1 })).toBe('started');
      expect(await ended(arn, execution)).toBe('SUCCEEDED');
      expect(await under.workflows.start(arn, execution, { input: 1 })).toBe('exists');
      expect(await under.workflows.start(arn, execution, { input: 2 })).toBe('exists');
      expect(await under.workflows.status(arn, execution)).toBe('SUCCEEDED');
    });

    it('1: does nothing at a second start while the first still runs', async () => {
      const [arn, execution] = [await sleeping(), fresh()];
      expect(await under.workflows.start(arn, execution, { input: 1 })).toBe('started');
      expect(['started', 'exists']).toContain(await under.workflows.start(arn, execution, { input: 1 }));
      expect(await under.workflows.start(arn, execution, { input: 2 })).toBe('exists');
      await under.workflows.stop(arn, execution, 'looked at');
      expect(await ended(arn, execution)).toBe('ABORTED');
    });

    it('knows no execution that was never started', async () => {
      expect(await under.workflows.status(await passing(), 'never')).toBeUndefined();
    });

    it('tells failure from success', async () => {
      const arn = await workflow('failing', { Fail: { Type: 'Fail', Error: 'Mine', Cause: 'so it is' } });
      const execution = fresh();
      await under.workflows.start(arn, execution, {});
      expect(await ended(arn, execution)).toBe('FAILED');
    });

    it('stops an execution; stopping what has ended, or never was, is success', async () => {
      const [arn, execution] = [await sleeping(), fresh()];
      await under.workflows.start(arn, execution, {});
      for (let times = 0; times < 2; times++) await under.workflows.stop(arn, execution, 'no longer wanted');
      expect(await ended(arn, execution)).toBe('ABORTED');
      await under.workflows.stop(arn, 'never', 'no longer wanted');
    });

    it('2: ends a waiting task by its token, once', async () => {
      const { arn, execution, token } = await parked();
      expect(await under.workflows.status(arn, execution)).toBe('RUNNING');
      expect(await under.workflows.sendTaskSuccess(token, { sent: 1 })).toBe('sent');
      expect(await ended(arn, execution)).toBe('SUCCEEDED');
      expect(await under.workflows.sendTaskSuccess(token, { sent: 2 })).toBe('gone');
    });

    it('2: takes the token of a stopped execution for gone', async () => {
      const { arn, execution, token } = await parked();
      await under.workflows.stop(arn, execution, 'no longer wanted');
      expect(await ended(arn, execution)).toBe('ABORTED');
      expect(await under.workflows.sendTaskSuccess(token, {})).toBe('gone');
    });

    it('3: takes payloads up to the bound, and refuses larger ones', async () => {
      const [arn, execution] = [await passing(), fresh()];
      // Quotation marks are part of it.
      const largest = 'x'.repeat(limits.workflowPayloadBytesMax - 2);
      expect(await under.workflows.start(arn, execution, largest)).toBe('started');
      expect(await ended(arn, execution)).toBe('SUCCEEDED');
      await expect(under.workflows.start(arn, fresh(), `${largest}x`)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    });
  });
}
