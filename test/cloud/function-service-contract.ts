import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Gaps, skipGaps } from './skip-gaps.ts';
import type { WorkflowsUnderTest } from './workflows-under-test.ts';

/** What every function service must do: see src/cloud/function-service.ts. */
export function functionServiceContract(name: string, make: () => Promise<WorkflowsUnderTest>, gaps: Gaps = {}): void {
  describe(`${name} as a function service`, () => {
    skipGaps(gaps);
    let under: WorkflowsUnderTest;
    beforeAll(async () => {
      under = await make();
    });
    afterAll(() => under.close());

    it('gives the reply of the function, values of all kinds in it', async () => {
      const payload = { text: 'Jürgen \u{1f600}', list: [1, -1.5, null, true], nested: { empty: {} } };
      expect(await under.functions.invoke(under.functionArn('echo'), payload)).toEqual(payload);
    });

    it('takes and gives hundreds of kilobytes', async () => {
      const payload = { text: 'x'.repeat(500_000) };
      expect(await under.functions.invoke(under.functionArn('echo'), payload)).toEqual(payload);
    });

    it('says that the function failed, and with which message', async () => {
      await expect(under.functions.invoke(under.functionArn('fail'), {})).rejects.toMatchObject({
        code: 'FUNCTION_FAILED',
        message: expect.stringContaining('out of reach'),
      });
    });

    it('says under which name the function failed', async () => {
      await expect(under.functions.invoke(under.functionArn('fail'), {})).rejects.toMatchObject({ subject: { errorName: 'RangeError' } });
    });

    it('says that there is no such function', async () => {
      await expect(under.functions.invoke(under.functionArn('missing'), {})).rejects.toMatchObject({ code: 'CLOUD_RESOURCE_MISSING' });
    });
  });
}
