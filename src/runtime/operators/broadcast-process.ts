import type { OperatorBody } from '../../stream/body.ts';
import type {
  BroadcastContext,
  BroadcastStateDeclarations,
  BroadcastStates,
  ReadOnlyBroadcastStates,
  WithBroadcastState,
} from '../../stream/connected-functions.ts';
import type { StateDeclarations } from '../../stream/state.ts';
import { broadcastMaps } from './broadcast-state.ts';
import { KeyedInput, plainInput } from './input.ts';
import { KeyedContext } from './keyed-context.ts';
import type { OperatorContext } from './operator-context.ts';
import { PlainContext } from './plain-context.ts';
import type { Head } from './receiver.ts';
import { TimerFiring } from './timer-firing.ts';

type Declarations = BroadcastStateDeclarations;
type BodyOf<Kind extends OperatorBody['kind']> = Extract<OperatorBody, { kind: Kind }>;

/** The inputs of a function over a stream and a broadcast one. */
export function broadcastInputs(context: OperatorContext, { process }: BodyOf<'broadcastProcess'>): readonly Head[] {
  const maps = broadcastMaps(context, process.broadcastState ?? {});
  const element = new ReadingContext(context, maps.toRead);
  return [
    plainInput(context, element, (value) => process.onElement(value, element, element.out)),
    broadcastInput(context, process, maps.toWrite),
  ];
}

/** The same of a keyed stream. */
export function keyedBroadcastInputs(context: OperatorContext, { process }: BodyOf<'keyedBroadcastProcess'>): readonly Head[] {
  const maps = broadcastMaps(context, process.broadcastState ?? {});
  const element = new KeyedReadingContext(context, process.state ?? {}, maps.toRead);
  // The context that timers get is this one, with all that it has.
  const withTimers = process as ConstructorParameters<typeof TimerFiring>[1];
  return [
    new KeyedInput(
      context,
      element,
      (value) => process.onElement(value, element, element.out),
      new TimerFiring(context, withTimers, element),
    ),
    broadcastInput(context, process, maps.toWrite),
  ];
}

function broadcastInput(
  context: OperatorContext,
  process: Pick<BodyOf<'broadcastProcess'>['process'], 'onBroadcast'>,
  maps: BroadcastStates<Declarations>,
): Head {
  const element = new WritingContext(context, maps);
  return plainInput(context, element, (value) => process.onBroadcast(value, element, element.out));
}

class ReadingContext extends PlainContext implements WithBroadcastState<Declarations> {
  readonly broadcastState: ReadOnlyBroadcastStates<Declarations>;

  constructor(context: OperatorContext, broadcastState: ReadOnlyBroadcastStates<Declarations>) {
    super(context);
    this.broadcastState = broadcastState;
  }
}

class WritingContext extends PlainContext implements BroadcastContext<Declarations> {
  readonly broadcastState: BroadcastStates<Declarations>;

  constructor(context: OperatorContext, broadcastState: BroadcastStates<Declarations>) {
    super(context);
    this.broadcastState = broadcastState;
  }
}

class KeyedReadingContext extends KeyedContext implements WithBroadcastState<Declarations> {
  readonly broadcastState: ReadOnlyBroadcastStates<Declarations>;

  constructor(context: OperatorContext, declarations: StateDeclarations, broadcastState: ReadOnlyBroadcastStates<Declarations>) {
    super(context, declarations);
    this.broadcastState = broadcastState;
  }
}
