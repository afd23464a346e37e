import type { ProcessFunction } from '../../stream/functions.ts';
import type { OperatorStateDeclarations, OperatorStates, WithOperatorState } from '../../stream/operator-state.ts';
import { refuse } from './flat-map.ts';
import { Operator } from './operator.ts';
import type { OperatorContext } from './operator-context.ts';
import { operatorStates } from './operator-states.ts';
import { PlainContext } from './plain-context.ts';
import type { Receiver } from './receiver.ts';

export class ProcessOperator extends Operator implements Receiver {
  readonly #in: OperatorContext;
  readonly #process: ProcessFunction<unknown, unknown, OperatorStateDeclarations>;
  readonly #element: StatefulContext;

  constructor(context: OperatorContext, process: ProcessFunction<unknown, unknown, OperatorStateDeclarations>) {
    super(context.label);
    this.#in = context;
    this.#process = process;
    this.#element = new StatefulContext(context, process.operatorState);
  }

  receive(value: unknown, timestamp: number): void {
    const element = this.#element;
    element.out.timestamp = timestamp;
    try {
      const returned: unknown = this.#process.onElement(value, element, element.out);
      if (returned instanceof Promise) throw refuse(returned);
    } catch (thrown) {
      throw this.#in.faults.of(this.#in.label, thrown);
    }
  }
}

class StatefulContext extends PlainContext implements WithOperatorState<OperatorStateDeclarations> {
  readonly operatorState: OperatorStates<OperatorStateDeclarations>;

  constructor(context: OperatorContext, declarations: OperatorStateDeclarations | undefined) {
    super(context);
    this.operatorState = operatorStates(context, declarations);
  }
}
