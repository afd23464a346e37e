import type { OperatorBody } from '../../stream/body.ts';
import { KeyedInput, plainInput } from './input.ts';
import { KeyedContext } from './keyed-context.ts';
import type { OperatorContext } from './operator-context.ts';
import { PlainContext } from './plain-context.ts';
import type { Head } from './receiver.ts';
import { TimerFiring } from './timer-firing.ts';

type BodyOf<Kind extends OperatorBody['kind']> = Extract<OperatorBody, { kind: Kind }>;

/** The inputs of a function over two streams. */
export function coProcessInputs(context: OperatorContext, { process }: BodyOf<'coProcess'>): readonly Head[] {
  const element = new PlainContext(context);
  return [
    plainInput(context, element, (value) => process.onElement1(value, element, element.out)),
    plainInput(context, element, (value) => process.onElement2(value, element, element.out)),
  ];
}

/** The same of keyed streams: both share state and timers. */
export function keyedCoProcessInputs(context: OperatorContext, { process }: BodyOf<'keyedCoProcess'>): readonly Head[] {
  const element = new KeyedContext(context, process.state ?? {});
  const timers = new TimerFiring(context, process, element);
  return [
    new KeyedInput(context, element, (value) => process.onElement1(value, element, element.out), timers),
    new KeyedInput(context, element, (value) => process.onElement2(value, element, element.out)),
  ];
}
