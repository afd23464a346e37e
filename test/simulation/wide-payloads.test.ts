// Catches: a payload of a workflow that outgrows what Step Functions takes, with as many slots as a job may have, addresses
// that share nothing, and every slot failing with the longest cause.
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { limits } from '../../src/base/limits.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { GroupReply, SumUpCommand } from '../../src/checkpoint/coordinator-command.ts';
import { worstOf, worstReply } from '../../src/checkpoint/judge-replies.ts';
import type { Json } from '../../src/cloud/index.ts';
import { StateMachineInterpreter } from '../../src/local-cloud/state-machine.ts';
import { TaskTokens } from '../../src/local-cloud/task-tokens.ts';
import { trimFailure } from '../../src/protocol/failure.ts';
import { slotGroups } from '../../src/protocol/wide-job.ts';
import { SimulatedClock } from '../../src/testing/simulated-clock.ts';
import { workflowDefinition } from '../../src/testing/simulated-cloud.ts';

const levels = 5;
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** As long as a function's name and version may be, in the partition with the longest name; no two begin alike. */
const functions = Array.from({ length: limits.slotsMax }, (_, slot) => {
  const name = createHash('sha256').update(String(slot)).digest('hex');
  return `arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:${name}:12345`;
});
const epoch = {
  jobId: 'a'.repeat(32),
  slots: limits.slotsMax,
  checkpoint: 1e9,
  attempt: 1e9,
  parent: { checkpoint: 1e9, attempt: 1e9, manifest: { uri: `s3://${'u'.repeat(1_000)}`, checksum: 'c'.repeat(32) } },
  assigned: Array.from({ length: 20 }, () => 'e'.repeat(32)),
};
const failureBytes = Math.floor(limits.repliesBytesMax / (Math.ceil(limits.slotsMax / limits.slotsPerGroupMax) * levels));
const failure = trimFailure({ code: 'X', domain: 'external', message: 'm'.repeat(2_000), stack: 's'.repeat(9_000) }, failureBytes);

interface Seen {
  largest: number;
  readonly called: Map<number, string>;
  groupRuns: number;
  reason: unknown;
}

/** The three workflows as they are deployed; functions answer as the engine's do. */
function interpretersOf(answer: (slot: number) => Json) {
  const seen: Seen = { largest: 0, called: new Map(), groupRuns: 0, reason: undefined };
  const clock = new SimulatedClock();
  const tokens = new TaskTokens(systemRandom);
  const placeholders = { CoordinatorFunctionArn: 'coordinator', CheckpointWorkflowArn: 'checkpoint', GroupWorkflowArn: 'group' };
  const coordinator = (command: { readonly command: string; readonly replies?: unknown }): unknown => {
    switch (command.command) {
      case 'open':
        return { kind: 'openedInGroups', slots: [], groups: slotGroups(functions), prepare: { parent: epoch.parent } };
      case 'inject':
        return {
          kind: 'runInGroups',
          turn: 1,
          levels: Array.from({ length: levels }, (_, level) => ({ level, sealed: level > 0 })),
          epoch,
        };
      case 'seal':
        return { kind: 'sealed', index: { uri: `s3://${'u'.repeat(1_000)}`, headBytes: 1, headChecksum: 'c' } };
      case 'sumUp':
        return worstReply((command as SumUpCommand).replies);
      case 'complete':
        seen.reason = worstOf(command.replies as readonly (readonly GroupReply[])[]);
        return { kind: 'incomplete', reason: seen.reason ?? { kind: 'notReady' } };
      default:
        return { outcome: { kind: 'ended' } };
    }
  };
  const hooks = {
    clock,
    tokens,
    invokeFunction: async (functionArn: string, payload: Json) => {
      const given = payload as { readonly slot?: number } & { readonly command: string };
      if (given.slot !== undefined) seen.called.set(given.slot, functionArn);
      const reply = (given.slot === undefined ? coordinator(given) : answer(given.slot)) as Json;
      seen.largest = Math.max(seen.largest, bytesOf(payload), bytesOf(reply));
      return reply;
    },
    startSyncExecution: async (name: string, input: Json) => {
      if (name === 'group') seen.groupRuns++;
      const run = interpreter(name as 'group').run({ id: name, name, input });
      const outcome = await run.outcome;
      // The reply holds the input again, as text, and stands beside what it was made of.
      seen.largest = Math.max(seen.largest, bytesOf(input) + bytesOf(JSON.stringify(input)) + bytesOf(outcome));
      return { executionArn: name, name, outcome };
    },
  };
  const interpreter = (name: 'job' | 'checkpoint' | 'group') =>
    new StateMachineInterpreter(workflowDefinition(name, placeholders) as never, hooks as never);
  const run = () =>
    interpreter('job').run({
      id: 'job',
      name: 'job',
      input: { jobId: epoch.jobId, generation: 1, startAt: new Date(clock.now()).toISOString() },
    }).outcome;
  return { run, seen };
}

const groups = Math.ceil(limits.slotsMax / limits.slotsPerGroupMax);

it('a thousand slots that do what they should are called by their addresses, level by level', async () => {
  const { run, seen } = interpretersOf((slot) => ({ kind: 'acknowledged', slot, level: 0 }));
  expect(await run()).toMatchObject({ kind: 'succeeded' });
  expect([...seen.called].sort(([a], [b]) => a - b)).toEqual([...functions.entries()]);
  expect(seen.groupRuns).toBe(groups * (1 + levels));
  expect(seen.reason).toBeUndefined();
  expect(seen.largest).toBeLessThan(limits.workflowPayloadBytesMax);
});

it('a thousand slots that all fail, with the longest causes, fit into the payloads, and one cause comes through', async () => {
  const { run, seen } = interpretersOf((slot) => ({ kind: 'failed', slot, failure: failure as unknown as Json }));
  expect(await run()).toMatchObject({ kind: 'succeeded' });
  expect(seen.reason).toEqual({ kind: 'failed', failure });
  expect(seen.largest).toBeLessThan(limits.workflowPayloadBytesMax);
});
