import type { PrepareCommand, RunLevelCommand, SlotCommand } from './command.ts';

/** A slot's command as the workflows send it: what all slots, or all levels of an epoch, share stands under one field. */
export type SlotEvent =
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
      readonly prepare: Omit<PrepareCommand, 'command' | 'slot' | 'jobId' | 'generation'>;
    };

export function slotCommandOf(event: SlotEvent): SlotCommand {
  const { slot } = event;
  if (event.command === 'run') return { ...event.epoch, command: 'run', slot, level: event.level };
  return { ...event.prepare, command: 'prepare', slot, jobId: event.jobId, generation: event.generation };
}
