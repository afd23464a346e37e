import type { StreamNode } from '../graph/job-graph.ts';
import type { OperatorBody } from '../stream/body.ts';
import type { ElementContext, TimerService } from '../stream/functions.ts';
import type { SideOutputs } from '../stream/output-tag.ts';
import type { StateDeclarations, StateHandles } from '../stream/state.ts';
import { type CanonicalKey, canonicalKey, compareCanonicalKeys } from '../values/canonical-key.ts';
import type { Key } from '../values/key.ts';

/** Without a tag to the main output. */
export type Emit = (value: unknown, timestamp: number | undefined, sideOutput?: string) => void;

export interface ReferenceTimer {
  readonly time: number;
  readonly key: Key;
  readonly canonical: CanonicalKey;
}

/** All that a keyed operator keeps. */
export interface ReferenceState {
  /** By name of the state. */
  readonly values: ReadonlyMap<string, ReadonlyMap<CanonicalKey, { readonly key: Key; readonly value: unknown }>>;
  readonly timers: readonly ReferenceTimer[];
}

export interface ReferenceOperator {
  readonly state?: ReferenceState;
  element(value: unknown, timestamp: number | undefined, emit: Emit): void;
  watermark(watermark: number, emit: Emit): void;
}

type BodyOf<Kind extends OperatorBody['kind']> = Extract<OperatorBody, { kind: Kind }>;

const nothingToDo = () => undefined;
const stateless = (element: ReferenceOperator['element']): ReferenceOperator => ({ element, watermark: nothingToDo });

/** What an operator does, in the plainest words. Sinks put what they get under their name into `sinks`. */
export function referenceOperator(node: StreamNode, body: OperatorBody, sinks: Map<string, unknown[]>): ReferenceOperator {
  switch (body.kind) {
    case 'source':
      return stateless(nothingToDo);
    case 'map':
      return stateless((value, timestamp, emit) => emit(body.map(value as never), timestamp));
    case 'filter':
      return stateless((value, timestamp, emit) => (body.filter(value as never) ? emit(value, timestamp) : undefined));
    case 'flatMap':
      return stateless((value, timestamp, emit) => body.flatMap(value as never, { collect: (each) => emit(each, timestamp) }));
    case 'process':
      body.process.open?.({ operatorName: node.name, subtask: 0, parallelism: 1 });
      return stateless((value, timestamp, emit) =>
        body.process.onElement(
          value as never,
          { timestamp, ...sideOutputs(emit, timestamp) },
          { collect: (each) => emit(each, timestamp) },
        ),
      );
    case 'reduce':
      return reduceOperator(body);
    case 'keyedProcess':
      return keyedProcessOperator(node, body);
    case 'sink': {
      const collected: unknown[] = [];
      sinks.set(node.uid ?? node.name, collected);
      return stateless((value) => collected.push(value));
    }
  }
}

const sideOutputs = (emit: Emit, timestamp: number | undefined): SideOutputs => ({
  output: (tag, value) => emit(value, timestamp, tag.id),
});

type Values = Map<CanonicalKey, { readonly key: Key; readonly value: unknown }>;

function reduceOperator(body: BodyOf<'reduce'>): ReferenceOperator {
  const reduced: Values = new Map();
  const operator = stateless((value, timestamp, emit) => {
    const key = body.key(value as never);
    const canonical = canonicalKey(key);
    const before = reduced.get(canonical);
    const after = before === undefined ? value : body.reduce(before.value as never, value as never);
    reduced.set(canonical, { key, value: after });
    emit(after, timestamp);
  });
  return { ...operator, state: { values: new Map([['_reduce', reduced]]), timers: [] } };
}

function keyedProcessOperator(node: StreamNode, body: BodyOf<'keyedProcess'>): ReferenceOperator {
  const { process } = body;
  const values = new Map<string, Values>(Object.keys(process.state ?? {}).map((name) => [name, new Map()]));
  let timers: readonly ReferenceTimer[] = [];
  let currentWatermark: number | undefined;
  process.open?.({ operatorName: node.name, subtask: 0, parallelism: 1 });

  const contextOf = (key: Key, timestamp: number | undefined, emit: Emit): ElementContext<Key, StateDeclarations> => {
    const canonical = canonicalKey(key);
    const isOf = (timer: ReferenceTimer, time: number) => timer.time === time && timer.canonical === canonical;
    const service: TimerService = {
      currentWatermark,
      currentProcessingTime: 0,
      registerEventTimeTimer: (time) => {
        if (!timers.some((timer) => isOf(timer, time))) timers = [...timers, { time, key, canonical }];
      },
      deleteEventTimeTimer: (time) => {
        timers = timers.filter((timer) => !isOf(timer, time));
      },
    };
    return { key, timestamp, ...sideOutputs(emit, timestamp), timers: service, state: handlesOf(values, key, canonical) };
  };
  return {
    state: {
      values,
      get timers() {
        return timers;
      },
    },
    element(value, timestamp, emit) {
      process.onElement(value as never, contextOf(body.key(value as never), timestamp, emit), { collect: (each) => emit(each, timestamp) });
    },
    watermark(watermark, emit) {
      currentWatermark = watermark;
      for (;;) {
        const due = timers.filter((timer) => timer.time <= watermark).sort(compareTimers)[0];
        if (due === undefined) return;
        timers = timers.filter((timer) => timer !== due);
        process.onTimer?.(due.time, contextOf(due.key, due.time, emit), { collect: (each) => emit(each, due.time) });
      }
    },
  };
}

const compareTimers = (a: ReferenceTimer, b: ReferenceTimer): number => a.time - b.time || compareCanonicalKeys(a.canonical, b.canonical);

function handlesOf(values: ReadonlyMap<string, Values>, key: Key, canonical: CanonicalKey): StateHandles<StateDeclarations> {
  const handles: { [name: string]: StateHandles<StateDeclarations>[string] } = {};
  for (const [name, byKey] of values) {
    handles[name] = {
      value: () => byKey.get(canonical)?.value as never,
      update: (value: unknown) => void byKey.set(canonical, { key, value }),
      clear: () => void byKey.delete(canonical),
    };
  }
  return handles;
}
