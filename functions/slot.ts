import './logging.ts';
import definition from 'weir:job';
import middy from '@middy/core';
import { jobLoader } from '../src/job/job-loader.ts';
import type { SlotReply } from '../src/protocol/command.ts';
import { type SlotEvent, slotCommandOf } from '../src/protocol/slot-event.ts';
import { SlotRuntime } from '../src/runtime/slot-runtime.ts';
import { cloudOfEnvironment, freezePolicy, hasTimeLimits } from './environment.ts';

const runtime = new SlotRuntime(cloudOfEnvironment(), jobLoader(definition), { freeze: freezePolicy(), timeLimits: hasTimeLimits() });

/** One slot: runs its subtasks of one level of one epoch, or loads their state. */
export const handler = middy(async (event: SlotEvent): Promise<SlotReply> => runtime.handle(slotCommandOf(event)));
