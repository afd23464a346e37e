import './logging.ts';
import definition from 'weir:job';
import middy from '@middy/core';
import { jobLoader } from '../src/job/job-loader.ts';
import type { SlotReply } from '../src/protocol/command.ts';
import { type SlotEvent, slotCommandOf } from '../src/protocol/slot-event.ts';
import { SlotRuntime } from '../src/runtime/slot-runtime.ts';
import { freezePolicy, hasTimeLimits, loadedCloudOfEnvironment } from './environment.ts';
import { slotEventOf } from './workflow-event.ts';

const runtime = new SlotRuntime(await loadedCloudOfEnvironment(), jobLoader(definition), {
  freeze: freezePolicy(),
  timeLimits: hasTimeLimits(),
});

/** One slot: the operator function that runs its subtasks of one level of one epoch, and prepare, which loads their state. */
export const handler = middy<unknown, SlotReply>()
  .before((request) => {
    request.event = slotEventOf(request.event);
  })
  .handler((event) => runtime.handle(slotCommandOf(event as SlotEvent)));
