import type { ValueState } from '../../stream/state.ts';
import type { EpochHook } from './operator-context.ts';
import type { OperatorList } from './operator-list.ts';

/** One value of a subtask: a list of none or one. */
export class OperatorValue implements ValueState<unknown>, EpochHook {
  readonly #list: OperatorList;

  constructor(list: OperatorList) {
    this.#list = list;
  }

  begin(): void {
    this.#list.begin();
  }

  end(): void {
    this.#list.end();
  }

  value(): unknown {
    return this.#list.get()[0];
  }

  update(value: unknown): void {
    if (value === undefined) this.clear();
    else this.#list.update([value]);
  }

  clear(): void {
    this.#list.clear();
  }
}
