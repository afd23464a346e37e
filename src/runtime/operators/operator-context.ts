import type { OperatorState } from '../../state/index.ts';
import type { RuntimeContext } from '../../stream/functions.ts';
import type { FreezeSample } from '../../values/freeze-sample.ts';
import type { Deadline } from '../deadline.ts';
import type { Faults, OperatorLabel } from '../user-fault.ts';
import type { Receiver } from './receiver.ts';

/** The epoch at hand, as all operators of a chain see it. */
export interface EpochView {
  stamp: number;
  /** Combined, of the head's input; -Infinity while there is none. */
  watermark: number;
  deadline: Deadline;
}

/** Called when the epoch begins, and before its barrier: for what keeps a copy of operator state in memory. */
export interface EpochHook {
  begin(): void;
  end(): void;
}

/** What an operator is made with. */
export interface OperatorContext {
  readonly label: OperatorLabel;
  readonly faults: Faults;
  readonly next: Receiver;
  /** What it emits goes through here, and what it keeps as operator state. */
  readonly freeze: FreezeSample;
  /** By tag: the side outputs that somebody reads. */
  readonly sides: ReadonlyMap<string, Receiver>;
  readonly state: OperatorState;
  readonly epoch: EpochView;
  readonly runtime: RuntimeContext;
  /** Where an operator puts hooks of its own. */
  readonly hooks: EpochHook[];
}
