import type { NamespacedState, OperatorState } from '../../state/index.ts';
import type { OperatorBody } from '../../stream/body.ts';
import { maxWatermark, type TimeDomain } from '../../stream/functions.ts';
import { windowStateName } from '../../stream/state-names.ts';
import type { TriggerContext, TriggerResult, Window } from '../../stream/windows.ts';
import type { Key } from '../../values/key.ts';
import { refuse } from './flat-map.ts';
import { Operator } from './operator.ts';
import type { OperatorContext } from './operator-context.ts';
import type { Head } from './receiver.ts';
import { fireTimers, shownKey } from './timer-firing.ts';
import { WindowEvaluation } from './window-evaluation.ts';

type Body = Extract<OperatorBody, { kind: 'window' }>;

/** What a window keeps: a list of its elements, or what they were reduced or aggregated to. */
interface Contents {
  add(value: unknown): void;
  get(): unknown;
  clear(): void;
}

/**
 * Collects elements by window, as the assigner says, and evaluates a window when its trigger says so. A window is a
 * namespace: contents, timers and the function's own state are kept by key and window.
 */
export class WindowOperator extends Operator implements Head {
  readonly #in: OperatorContext;
  readonly #body: Body;
  readonly #state: OperatorState;
  readonly #windows: NamespacedState;
  readonly #contents: Contents;
  readonly #evaluation: WindowEvaluation;
  readonly #trigger: TriggerContext;

  constructor(context: OperatorContext, body: Body) {
    super(context.label);
    const { namespaced } = context.state;
    this.#in = context;
    this.#body = body;
    this.#state = context.state;
    this.#windows = namespaced;
    this.#contents = namespaced.state(windowStateName, body.contents);
    this.#evaluation = new WindowEvaluation(context, body);
    this.#trigger = {
      registerEventTimeTimer: (time) => namespaced.timers.register(time),
      deleteEventTimeTimer: (time) => namespaced.timers.delete(time),
      registerProcessingTimeTimer: (time) => namespaced.processingTimers.register(time),
      deleteProcessingTimeTimer: (time) => namespaced.processingTimers.delete(time),
    };
  }

  receive(): void {
    throw new TypeError('Records reach a keyed operator with their key.');
  }

  receiveKeyed(value: unknown, timestamp: number, key: Key, keyGroup: number): void {
    const { assigner } = this.#body;
    const { faults, label } = this.#in;
    const time = Number.isNaN(timestamp) ? undefined : timestamp;
    try {
      for (const window of assigner.assignWindows(value, time)) {
        this.#windows.setCurrent(key, keyGroup, assigner.namespaceOf(window));
        this.#contents.add(value);
        this.#act(assigner.trigger.onElement(value, time, window, this.#trigger), window, key, keyGroup);
      }
    } catch (thrown) {
      throw faults.of(label, thrown);
    }
  }

  advance(watermark: number): void {
    this.#fireUpTo(watermark, 'eventTime');
  }

  /** After the end of event time nothing is emitted any more. */
  advanceProcessingTime(): void {
    const { stamp, watermark } = this.#in.epoch;
    if (watermark !== maxWatermark) this.#fireUpTo(stamp, 'processingTime');
  }

  get nextDueAt(): number | undefined {
    return this.#in.epoch.watermark === maxWatermark ? undefined : this.#windows.processingTimers.earliest;
  }

  #fireUpTo(upTo: number, domain: TimeDomain): void {
    const { timers, processingTimers } = this.#windows;
    fireTimers(domain === 'eventTime' ? timers : processingTimers, upTo, this.#in.epoch.deadline, (time) => this.#fire(time, domain));
  }

  #fire(time: number, domain: TimeDomain): void {
    const { assigner } = this.#body;
    const { currentKey: key, currentNamespace } = this.#windows;
    try {
      const window = assigner.windowOf(currentNamespace);
      const { trigger } = assigner;
      const result =
        domain === 'eventTime' ? trigger.onEventTime(time, window, this.#trigger) : trigger.onProcessingTime(time, window, this.#trigger);
      this.#act(result, window, key, -1);
    } catch (thrown) {
      throw this.#in.faults.of(this.#in.label, thrown, `${assigner.name}, timer ${time} of key ${shownKey(key)}`);
    }
  }

  /** The window at hand is the current namespace. */
  #act(result: TriggerResult, window: Window, key: Key, keyGroup: number): void {
    if (result === 'continue') return;
    if (result !== 'purge') {
      const contents = this.#contents.get();
      this.#state.setCurrentKey(key, keyGroup);
      if (contents !== undefined) {
        const returned = this.#evaluation.evaluate(contents, key, window);
        if (returned instanceof Promise) throw refuse(returned);
      }
    }
    if (result === 'fire') return;
    this.#contents.clear();
    this.#evaluation.clear();
  }
}
