// Catches: slots that are in no group or in two, addresses that are put together wrongly, levels that are sealed for nothing
// or not at all, and replies that do not fit into a payload.
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/base/limits.ts';
import { trimFailure } from '../../src/protocol/failure.ts';
import type { ProgramRef } from '../../src/protocol/job-description.ts';
import { acknowledgementReads, failureBytesMax, isSealed, runsInGroups, slotGroups } from '../../src/protocol/wide-job.ts';
import { buildJob } from '../../src/stream/build-job.ts';
import { simulatedProgram } from '../../src/testing/simulated-deployment.ts';
import { countsOfCounts, straightThrough } from '../simulation/jobs.ts';

const described = (parallelism: number, slots: number) => ({
  slots,
  graph: buildJob(countsOfCounts(1, {}).definition, {}, { parallelism }).jobGraph,
  program: simulatedProgram(slots) as ProgramRef,
});

/** As programs were that know of no groups. */
function without({ program: { groupWorkflow: _group, ...program }, ...rest }: ReturnType<typeof described>) {
  return { ...rest, program };
}

describe('groups', () => {
  it.each([1, 2, 39, 40, 41, 80, 81, 100, 250, limits.slotsMax])(
    'of %i slots have each slot once, and no more than a workflow calls at once',
    (slots) => {
      const functions = Array.from({ length: slots }, (_, slot) => `arn:aws:lambda:us-east-1:123456789012:function:weir-slot-${slot}`);
      const groups = slotGroups(functions);
      expect(groups).toHaveLength(Math.ceil(slots / limits.slotsPerGroupMax));
      expect(groups.length).toBeLessThanOrEqual(limits.slotsPerGroupMax);
      const sizes = groups.map((group) => group.functions.length);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(limits.slotsPerGroupMax);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      const addressed = groups.flatMap(({ first, prefix, functions: rest }) =>
        rest.map((end, index) => [first + index, `${prefix}${end}`]),
      );
      expect(addressed).toEqual(functions.map((functionArn, slot) => [slot, functionArn]));
      expect(groups.every((group) => group.functions.every((end) => end.length > 0))).toBe(true);
    },
  );

  it('are for jobs with more slots than one workflow calls, or with a sealed level, of a program that has the workflow', () => {
    expect(runsInGroups(described(32, 32))).toBe(false);
    expect(runsInGroups(described(41, 41))).toBe(true);
    expect(runsInGroups(without(described(41, 41)))).toBe(false);
    expect(runsInGroups(described(2_000, 2))).toBe(true);
    expect(
      runsInGroups({ ...described(2, 2), graph: buildJob(straightThrough(1, {}).definition, {}, { parallelism: 2_000 }).jobGraph }),
    ).toBe(false);
  });
});

describe('sealed levels', () => {
  it('are those for which slots would read more acknowledgements than the limit, their own left out', () => {
    const { graph } = described(40, 10);
    expect([0, 1, 2].map((level) => acknowledgementReads(graph, level, 10))).toEqual([0, 360, 360]);
    expect(isSealed(graph, 1, 10)).toBe(false);
    expect(acknowledgementReads(graph, 1, 40)).toBe(1_560);
    expect([0, 1, 2].map((level) => isSealed(graph, level, 40))).toEqual([false, true, true]);
    expect(acknowledgementReads(graph, 1, 1)).toBe(0);
  });
});

describe('what a failure may take', () => {
  it.each([
    [4, 4],
    [40, 40],
    [1_000, 250],
    [1_000, 1_000],
  ])('fits at %i subtasks over %i slots, when all slots fail in all levels', (parallelism, slots) => {
    const job = described(parallelism, slots);
    const each = failureBytesMax(job);
    const replies = runsInGroups(job) ? Math.ceil(slots / limits.slotsPerGroupMax) : slots;
    expect(each).toBeGreaterThanOrEqual(limits.failureTextBytesMin);
    expect(replies * job.graph.levels * each).toBeLessThan(limits.workflowPayloadBytesMax);
    expect(Math.min(slots, limits.slotsPerGroupMax) * each).toBeLessThan(limits.workflowPayloadBytesMax);
  });

  it('is kept by giving up the stack first and the end of the message last', () => {
    const failure = {
      code: 'X',
      domain: 'program' as const,
      message: '"ü\n'.repeat(300),
      advice: 'advice '.repeat(70),
      operator: 'delays',
      stack: 'at 線 (/a/b/c.ts)\n'.repeat(200),
    };
    const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
    expect(trimFailure(failure, 100_000)).toEqual(failure);
    const some = trimFailure(failure, 4_096);
    expect(bytes(some)).toBeLessThanOrEqual(4_096);
    expect(some).toMatchObject({ message: failure.message, advice: failure.advice });
    expect(failure.stack.startsWith(some.stack!)).toBe(true);
    const least = trimFailure(failure, limits.failureTextBytesMin);
    expect(bytes(least)).toBeLessThanOrEqual(limits.failureTextBytesMin);
    expect(least.operator).toBe('delays');
    expect(failure.message.startsWith(least.message)).toBe(true);
  });
});
