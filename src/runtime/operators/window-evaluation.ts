import type { KeyedState } from '../../state/index.ts';
import type { OperatorBody } from '../../stream/body.ts';
import type { StateDeclarations, StateHandles } from '../../stream/state.ts';
import type { WindowContext } from '../../stream/window-functions.ts';
import type { Window } from '../../stream/windows.ts';
import type { Key } from '../../values/key.ts';
import type { EpochView, OperatorContext } from './operator-context.ts';
import { OperatorCollector } from './receiver.ts';

type Body = Extract<OperatorBody, { kind: 'window' }>;
type Context = WindowContext<Key, Window, StateDeclarations, StateDeclarations>;

/** What a window that fires is evaluated by: emits what it has come to, or lets the user's function make of it what it will. */
export class WindowEvaluation implements Context {
  key: Key = '';
  window: Window = { maxTimestamp: 0 };
  readonly state: StateHandles<StateDeclarations>;
  readonly windowState: StateHandles<StateDeclarations>;
  /** A function of its own, so that it can be taken out of the context. */
  readonly output: Context['output'];
  readonly #body: Body;
  readonly #epoch: EpochView;
  readonly #out: OperatorCollector;

  constructor({ state, epoch, next, sides, freeze }: OperatorContext, body: Body) {
    this.#body = body;
    this.#epoch = epoch;
    this.#out = new OperatorCollector(next, freeze);
    this.state = handlesOf(state, body.process?.state);
    this.windowState = handlesOf(state.namespaced, body.process?.windowState);
    this.output = (tag, value) => sides.get(tag.id)?.receive(freeze.of(value), this.#out.timestamp);
  }

  get currentWatermark(): number | undefined {
    return this.#epoch.watermark === Number.NEGATIVE_INFINITY ? undefined : this.#epoch.watermark;
  }

  get currentProcessingTime(): number {
    return this.#epoch.stamp;
  }

  /** Of the current key and namespace. Gives what the user's function returned. */
  evaluate(contents: unknown, key: Key, window: Window): unknown {
    const { process, contents: kept } = this.#body;
    this.#out.timestamp = window.maxTimestamp;
    if (process === undefined) {
      this.#out.collect(contents);
      return undefined;
    }
    const elements = (kept.kind === 'list' ? contents : [contents]) as readonly unknown[];
    if (elements.length === 0) return undefined;
    this.key = key;
    this.window = window;
    return process.process(elements, this, this.#out) as unknown;
  }

  /** Drops what the function keeps of the window. */
  clear(): void {
    for (const handle of Object.values(this.windowState)) handle.clear();
  }
}

function handlesOf(state: KeyedState, declarations: StateDeclarations = {}): StateHandles<StateDeclarations> {
  const handles = Object.entries(declarations).map(([name, declaration]) => [name, state.state(name, declaration)] as const);
  return Object.freeze(Object.fromEntries(handles));
}
