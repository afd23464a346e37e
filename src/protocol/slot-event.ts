import type { LevelIndexRef, PrepareCommand, RunLevelCommand, SlotCommand } from './command.ts';

/** A slot's command as the workflows send it: `call` is the same for all slots of a level, or of Prepare. */
export interface SlotEvent {
  readonly slot: number;
  readonly call: SlotCall;
}

export type SlotCall =
  | {
      readonly command: 'run';
      readonly level: number;
      readonly epoch: Omit<RunLevelCommand, 'command' | 'slot' | 'level' | 'index'>;
      readonly index?: LevelIndexRef;
    }
  | {
      readonly command: 'prepare';
      readonly jobId: string;
      readonly generation: number;
      readonly prepare: Omit<PrepareCommand, 'command' | 'slot' | 'jobId' | 'generation'>;
    };

export function slotCommandOf({ slot, call }: SlotEvent): SlotCommand {
  if (call.command === 'prepare') {
    return { ...call.prepare, command: 'prepare', slot, jobId: call.jobId, generation: call.generation };
  }
  const { level, epoch, index } = call;
  return { ...epoch, command: 'run', slot, level, ...(index === undefined ? {} : { index }) };
}
