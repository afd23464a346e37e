import type { OperatorState } from '../../state/index.ts';
import type { TimeDomain, TimerContext, TimerService } from '../../stream/functions.ts';
import type { StateDeclarations, StateHandles } from '../../stream/state.ts';
import type { Key } from '../../values/key.ts';
import type { EpochView, OperatorContext } from './operator-context.ts';
import { OperatorCollector } from './receiver.ts';

/** What a keyed function is given: the same object for all elements and timers of an operator. */
export class KeyedContext implements TimerContext<Key, StateDeclarations> {
  key: Key = '';
  timeDomain: TimeDomain = 'eventTime';
  readonly state: StateHandles<StateDeclarations>;
  readonly timers: TimerService;
  /** A function of its own, so that it can be taken out of the context as `state` and `timers` are. */
  readonly output: TimerContext<Key, StateDeclarations>['output'];
  readonly out: OperatorCollector;
  readonly #state: OperatorState;
  /** NaN where there is no timestamp. */
  #time = Number.NaN;

  constructor({ state, epoch, next, sides, freeze }: OperatorContext, declarations: StateDeclarations) {
    const handles = Object.entries(declarations).map(([name, declaration]) => [name, state.state(name, declaration)] as const);
    this.state = Object.freeze(Object.fromEntries(handles));
    this.timers = new Timers(state, epoch);
    this.out = new OperatorCollector(next, freeze);
    this.output = (tag, value) => sides.get(tag.id)?.receive(freeze.of(value), this.out.timestamp);
    this.#state = state;
  }

  get timestamp(): number | undefined {
    return Number.isNaN(this.#time) ? undefined : this.#time;
  }

  /** Before an element is given to the function. */
  atElement(timestamp: number, key: Key, keyGroup: number): void {
    this.#state.setCurrentKey(key, keyGroup);
    this.key = key;
    this.#time = timestamp;
    this.out.timestamp = timestamp;
  }

  /** Before a timer is, that has just been polled. */
  atTimer(time: number, domain: TimeDomain): void {
    this.key = this.#state.currentKey;
    this.timeDomain = domain;
    this.#time = time;
    this.out.timestamp = domain === 'eventTime' ? time : Number.NaN;
  }
}

class Timers implements TimerService {
  readonly #state: OperatorState;
  readonly #epoch: EpochView;

  constructor(state: OperatorState, epoch: EpochView) {
    this.#state = state;
    this.#epoch = epoch;
  }

  get currentWatermark(): number | undefined {
    return this.#epoch.watermark === Number.NEGATIVE_INFINITY ? undefined : this.#epoch.watermark;
  }

  get currentProcessingTime(): number {
    return this.#epoch.stamp;
  }

  registerEventTimeTimer(time: number): void {
    this.#state.timers.register(time);
  }

  deleteEventTimeTimer(time: number): void {
    this.#state.timers.delete(time);
  }

  registerProcessingTimeTimer(time: number): void {
    this.#state.processingTimers.register(time);
  }

  deleteProcessingTimeTimer(time: number): void {
    this.#state.processingTimers.delete(time);
  }
}
