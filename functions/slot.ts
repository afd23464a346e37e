import definition from 'weir:job';
import middy from '@middy/core';
import type { Json } from '../src/cloud/index.ts';
import type { RunLevelCommand, SlotCommand, SlotReply } from '../src/protocol/command.ts';
import { SlotRuntime } from '../src/runtime/slot-runtime.ts';
import { cloudOfEnvironment } from './environment.ts';
import { jobLoader } from './job-loader.ts';

/** As the workflows send it: what all slots and levels of an epoch share stands under one field. */
type SlotEvent =
  | {
      readonly command: 'run';
      readonly slot: number;
      readonly level: number;
      readonly epoch: Omit<RunLevelCommand, 'command' | 'slot' | 'level'>;
    }
  | {
      readonly command: 'prepare';
      readonly slot: number;
      readonly jobId: string;
      readonly generation: number;
      readonly prepare: { readonly [field: string]: Json };
    };

const runtime = new SlotRuntime(cloudOfEnvironment(), jobLoader(definition));

/** One slot: runs its subtasks of one level of one epoch, or loads their state. */
export const handler = middy(async (event: SlotEvent): Promise<SlotReply> => runtime.handle(commandOf(event)));

function commandOf(event: SlotEvent): SlotCommand {
  const { slot } = event;
  if (event.command === 'run') return { ...event.epoch, command: 'run', slot, level: event.level };
  return { ...event.prepare, command: 'prepare', slot, jobId: event.jobId, generation: event.generation } as SlotCommand;
}
