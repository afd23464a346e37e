import type { KeyedState, OperatorState } from '../../state/index.ts';
import type { Key } from '../../values/key.ts';
import type { ReferenceState } from '../reference-operators.ts';

/** State as it was restored, whatever it is kept by besides the key. */
export interface KeyedCopy extends KeyedState {
  at(key: Key): void;
  readonly currentKey: Key;
  /** Of the timer polled last. */
  readonly currentNamespace: Key | undefined;
}

/** An operator's state by key, and that by key and namespace: as it was restored, with what the reference has of it. */
export interface KeyedPart extends Pick<ReferenceState, 'values' | 'timers' | 'processingTimers'> {
  readonly copy: KeyedCopy;
  /** Under which all of it is kept. */
  readonly namespace: Key | undefined;
}

export function keyedParts(operator: OperatorState, expected: ReferenceState): readonly KeyedPart[] {
  const { values, timers, processingTimers } = expected;
  const byKey: KeyedPart = {
    copy: {
      at: (key) => operator.setCurrentKey(key, -1),
      get currentKey() {
        return operator.currentKey;
      },
      currentNamespace: undefined,
      ...handlesOf(operator),
    },
    namespace: undefined,
    values,
    timers,
    processingTimers,
  };
  if (expected.namespaced === undefined) return [byKey];
  const { namespaced } = operator;
  const { namespace } = expected.namespaced;
  const byNamespace: KeyedPart = {
    copy: {
      at: (key) => namespaced.setCurrent(key, -1, namespace),
      get currentKey() {
        return namespaced.currentKey;
      },
      get currentNamespace() {
        return namespaced.currentNamespace;
      },
      ...handlesOf(namespaced),
    },
    namespace,
    values: expected.namespaced.values,
    timers: expected.namespaced.timers,
    processingTimers: [],
  };
  return [byKey, byNamespace];
}

const handlesOf = (state: KeyedState): KeyedState => ({
  state: (name, declaration) => state.state(name, declaration),
  valueState: (name) => state.valueState(name),
  timers: state.timers,
  processingTimers: state.processingTimers,
});
