import './logging.ts';
import middy from '@middy/core';
import * as z from 'zod';
import { systemClock } from '../src/base/clock.ts';
import { WeirError } from '../src/base/errors.ts';
import { limits } from '../src/base/limits.ts';
import { type FiredSavepoint, ScheduledSavepoints } from '../src/deployment/scheduled-savepoints.ts';
import { cloudOfEnvironment, savepointDirectoryOfEnvironment } from './environment.ts';

/** Stands in a schedule's input where EventBridge Scheduler puts the time. Emulators leave it there. */
const placeholder = '<aws.scheduler.scheduled-time>';

const event = z.object({
  deployment: z.string().min(1).max(limits.deploymentNameCharactersMax),
  /** When the schedule was to fire, as EventBridge Scheduler says it. */
  scheduledTime: z.iso.datetime({ offset: true }).or(z.literal(placeholder)),
  retention: z
    .object({ keep: z.number().int().min(1).optional(), maxAgeMs: z.number().int().min(1).optional() })
    .optional()
    .transform((said) => ({
      ...(said?.keep === undefined ? {} : { keep: said.keep }),
      ...(said?.maxAgeMs === undefined ? {} : { maxAgeMs: said.maxAgeMs }),
    })),
});

const savepointDirectory = savepointDirectoryOfEnvironment();
const scheduled = new ScheduledSavepoints(cloudOfEnvironment(), savepointDirectory === undefined ? {} : { savepointDirectory });

/** Target of EventBridge Scheduler: a savepoint of whatever job the deployment runs by now. */
export const handler = middy(async (given: unknown): Promise<FiredSavepoint> => {
  const read = event.safeParse(given);
  if (!read.success) {
    const issues = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new WeirError({
      code: 'EVENT_INVALID',
      domain: 'user',
      message: `The event of a savepoint schedule is not as expected: ${issues.join('; ')}.`,
    });
  }
  const { deployment, scheduledTime, retention } = read.data;
  const time = scheduledTime === placeholder ? thisMinute() : Date.parse(scheduledTime);
  const fired = await scheduled.fire(deployment, time, retention);
  console.log(`scheduled savepoint of deployment ${deployment} at ${new Date(time).toISOString()}: ${fired.words}`);
  return fired;
});

/** Schedules fire to the minute. */
const thisMinute = (): number => Math.floor(systemClock.now() / 60_000) * 60_000;
