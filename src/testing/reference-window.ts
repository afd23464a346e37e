import { assert } from '../base/assert.ts';
import type { OperatorBody } from '../stream/body.ts';
import { maxWatermark } from '../stream/functions.ts';
import { type CanonicalKey, canonicalKey, compareCanonicalKeys } from '../values/canonical-key.ts';
import type { Key } from '../values/key.ts';
import type { Emit, ReferenceOperator, ReferenceState } from './reference-operators.ts';
import { dropExpired, emptyValues, handlesOf, type ReferenceValues } from './reference-state.ts';

type Body = Extract<OperatorBody, { kind: 'window' }>;

interface Elements {
  readonly key: Key;
  readonly all: unknown[];
  /** Waits for the end of the input. */
  waits: boolean;
}

/** The global window keeps its state under this. */
const globalNamespace: Key = 0;

/** The global window with its trigger at the end of the input: keeps all elements, and goes through them from the beginning. */
export function referenceWindow(body: Body): ReferenceOperator {
  assert(body.assigner.name === 'GlobalWindows', `the reference knows the global window, not ${body.assigner.name}`);
  const { process } = body;
  const byKey = new Map<CanonicalKey, Elements>();
  const values = emptyValues(process?.state ?? {});
  const windowValues = emptyValues(process?.windowState ?? {});
  let now = 0;
  let end: number | undefined;

  const fire = ({ key, all }: Elements, emit: Emit) => {
    const result = body.contents.kind === 'list' ? undefined : resultOf(body.contents, all);
    if (process === undefined) return emit(result, maxWatermark);
    process.process(
      (body.contents.kind === 'list' ? all : [result]) as never,
      {
        key,
        window: body.assigner.windowOf(globalNamespace),
        state: handlesOf(values, key, now),
        windowState: handlesOf(windowValues, key, now),
        currentWatermark: end,
        currentProcessingTime: now,
        output: (tag, value) => emit(value, maxWatermark, tag.id),
      },
      { collect: (value) => emit(value, maxWatermark) },
    );
  };
  return {
    begin(stamp) {
      now = stamp;
      for (const each of [...values.values(), ...windowValues.values()]) dropExpired(each, stamp);
    },
    get state(): ReferenceState {
      const kept: ReferenceValues = { declaration: body.contents, byKey: new Map(), times: new Map() };
      for (const [canonical, { key, all }] of byKey) kept.byKey.set(canonical, { key, value: keptOf(body.contents, all) });
      const waiting = [...byKey].filter(([, { waits }]) => waits);
      return {
        values,
        broadcast: new Map(),
        lists: new Map(),
        timers: [],
        processingTimers: [],
        namespaced: {
          namespace: globalNamespace,
          values: new Map([['_window', kept], ...windowValues]),
          timers: waiting.map(([canonical, { key }]) => ({ time: maxWatermark, key, canonical })),
        },
      };
    },
    element(value) {
      const key = body.key(value as never);
      const canonical = canonicalKey(key);
      const elements = byKey.get(canonical) ?? { key, all: [], waits: true };
      byKey.set(canonical, elements);
      elements.all.push(value);
      elements.waits = true;
    },
    watermark(watermark, emit) {
      end = watermark;
      if (watermark < maxWatermark) return;
      for (const [, elements] of [...byKey].sort(([a], [b]) => compareCanonicalKeys(a, b))) {
        if (elements.waits) fire(elements, emit);
        elements.waits = false;
      }
    },
    processingTime: () => undefined,
  };
}

/** What stands in state for these elements. */
function keptOf(contents: Body['contents'], all: readonly unknown[]): unknown {
  switch (contents.kind) {
    case 'list':
      return all;
    case 'reducing':
      return all.reduce((accumulated, element) => contents.reduce(accumulated, element));
    case 'aggregating':
      return all.reduce((accumulator, element) => contents.add(accumulator, element), contents.create());
  }
}

const resultOf = (contents: Exclude<Body['contents'], { kind: 'list' }>, all: readonly unknown[]): unknown =>
  contents.kind === 'aggregating' ? contents.result(keptOf(contents, all)) : keptOf(contents, all);
