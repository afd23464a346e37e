import * as z from 'zod/mini';
import { WeirError } from '../src/base/errors.ts';
import type { CoordinatorCommand } from '../src/checkpoint/coordinator-command.ts';
import type { SlotEvent } from '../src/protocol/slot-event.ts';

const whole = z.number().check(z.int(), z.gte(0));
const jobId = z.string().check(z.regex(/^[0-9a-f]{32}$/));
const ofGeneration = { jobId, generation: whole };
const parent = z.looseObject({ checkpoint: whole, attempt: whole });
const replies = z.array(z.looseObject({ kind: z.string() }));

/**
 * What workflows send, as far as a wrong payload could do harm: who it is about, and the numbers that fence. The rest of an
 * event is what the functions themselves said a moment before.
 */
const coordinatorEvent = z.discriminatedUnion('command', [
  z.looseObject({ command: z.literal('open'), ...ofGeneration }),
  z.looseObject({
    command: z.literal('inject'),
    ...ofGeneration,
    runId: z.string(),
    runStartedAt: z.string(),
    turn: whole,
    runs: whole,
    prepared: replies,
  }),
  z.looseObject({
    command: z.literal('seal'),
    jobId,
    level: whole,
    epoch: z.looseObject({ jobId, checkpoint: whole, attempt: whole, slots: whole }),
  }),
  z.looseObject({ command: z.literal('sumUp'), jobId, replies }),
  z.looseObject({ command: z.literal('complete'), ...ofGeneration, checkpoint: whole, attempt: whole, replies: z.array(z.unknown()) }),
  z.looseObject({ command: z.literal('abort'), ...ofGeneration, attempt: whole, reason: z.looseObject({ kind: z.string() }) }),
  z.looseObject({ command: z.literal('effects'), ...ofGeneration }),
  z.looseObject({ command: z.literal('park'), ...ofGeneration, taskToken: z.string() }),
  z.looseObject({ command: z.literal('handOver'), ...ofGeneration }),
  z.looseObject({ command: z.literal('plan') }),
]);

const slotEvent = z.looseObject({
  slot: whole,
  call: z.discriminatedUnion('command', [
    z.looseObject({
      command: z.literal('run'),
      level: whole,
      epoch: z.looseObject({ ...ofGeneration, checkpoint: whole, attempt: whole, parent, slots: whole }),
    }),
    z.looseObject({ command: z.literal('prepare'), ...ofGeneration, prepare: z.looseObject({ parent, slots: whole }) }),
  ]),
});

/** Throws EVENT_INVALID. */
export const coordinatorCommandOf = (event: unknown): CoordinatorCommand =>
  checked(coordinatorEvent, event) as unknown as CoordinatorCommand;

/** Throws EVENT_INVALID. */
export const slotEventOf = (event: unknown): SlotEvent => checked(slotEvent, event) as unknown as SlotEvent;

function checked(schema: z.ZodMiniType, event: unknown): unknown {
  const result = z.safeParse(schema, event);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => `${path.length === 0 ? 'it' : path.join('.')}: ${message}`);
  throw new WeirError({
    code: 'EVENT_INVALID',
    domain: 'internal',
    message: `A function of a program was called with an event that no workflow of it sends: ${issues.join('; ')}.`,
    advice: 'Let only the workflows call it; functions and workflows of a program are deployed together.',
  });
}
