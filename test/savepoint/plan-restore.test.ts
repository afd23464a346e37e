// Catches: a restore that goes through although state would be lost or read as something else, or that is refused without need.
import { describe, expect, it } from 'vitest';
import { listState, mapState, reducingState, splitListState, t, unionListState, valueState } from '../../src/index.ts';
import { planRestore } from '../../src/savepoint/plan-restore.ts';
import type { RestorePlan } from '../../src/savepoint/restore-plan.ts';
import type { Environment } from '../../src/stream/environment.ts';
import type { StateDeclarations } from '../../src/stream/state.ts';
import { recordsOf, sinkOf } from '../stream/sources-and-sinks.ts';
import { graphOf, metadataOf } from './metadata.ts';

const strict = { allowNonRestoredState: false };
const lenient = { allowNonRestoredState: true };

const numbers = (env: Environment) => env.fromSource(recordsOf<number>([1])).uid('in');
const process = (state: StateDeclarations, onTimer = false) => ({
  state,
  onElement: () => undefined,
  ...(onTimer ? { onTimer: () => undefined } : {}),
});
const keep = valueState<number>();

/** in → counts → out */
const counting =
  (state: StateDeclarations = { count: keep }, uid = 'counts') =>
  (env: Environment): void =>
    void numbers(env)
      .keyBy((n) => n)
      .process(process(state))
      .uid(uid)
      .sinkTo(sinkOf())
      .uid('out');

const outcomes = (plan: RestorePlan) =>
  Object.fromEntries(plan.operators.map(({ operator, outcome }) => [operator.uid ?? operator.name, outcome]));
const rules = (plan: RestorePlan) => plan.refusals.map(({ rule }) => rule);

describe('operators', () => {
  it('are found by uid, whatever else has changed about them', () => {
    const metadata = metadataOf(graphOf(counting()));
    const graph = graphOf((env) => {
      const parsed = numbers(env)
        .map((n) => n)
        .name('new one');
      void parsed
        .keyBy((n) => n)
        .process(process({ count: keep }))
        .uid('counts')
        .name('renamed')
        .filter(() => true)
        .sinkTo(sinkOf())
        .uid('out');
    });
    const plan = planRestore(metadata, graph, strict);
    expect(plan.kind).toBe('restorable');
    expect(outcomes(plan)).toEqual({ in: 'restored', 'new one': 'new', counts: 'restored', Filter: 'new', out: 'restored' });
    expect(plan.operators.find(({ operator }) => operator.uid === 'counts')?.from).toMatchObject({ uid: 'counts', by: 'uid' });
  });

  it('are found through any change of chaining', () => {
    const chained = (env: Environment, cut: boolean) => {
      const mapped = numbers(env)
        .map({ operatorState: { seen: splitListState<number>() }, map: (n: number) => n })
        .uid('seen');
      if (cut) mapped.startNewChain();
      void mapped.sinkTo(sinkOf()).uid('out');
    };
    const [one, two] = [graphOf((env) => chained(env, false)), graphOf((env) => chained(env, true))];
    expect([one.vertices.length, two.vertices.length]).toEqual([1, 2]);
    for (const [before, now] of [
      [one, two],
      [two, one],
    ] as const) {
      expect(outcomes(planRestore(metadataOf(before), now, strict))).toEqual({ in: 'restored', seen: 'restored', out: 'restored' });
    }
  });

  it('begin empty if the snapshot does not know them, without a word', () => {
    const metadata = metadataOf(graphOf((env) => void numbers(env).sinkTo(sinkOf()).uid('out')));
    const plan = planRestore(metadata, graphOf(counting()), strict);
    expect(plan.kind).toBe('restorable');
    expect(outcomes(plan)).toEqual({ in: 'restored', counts: 'new', out: 'restored' });
  });

  it('that are gone are refused by uid, name and id, unless that is allowed', () => {
    const metadata = metadataOf(graphOf(counting()));
    const without = graphOf((env) => void numbers(env).sinkTo(sinkOf()).uid('out'));
    const plan = planRestore(metadata, without, strict);
    expect(plan.kind).toBe('refused');
    expect(plan.refusals).toHaveLength(1);
    const { operatorId } = metadata.vertices[1]!.operators[0]!;
    expect(plan.refusals[0]).toMatchObject({ rule: 'operator-dropped', operator: { uid: 'counts', operatorId } });
    expect(plan.refusals[0]!.message).toBe(
      `The snapshot has state of operator "counts" (name "KeyedProcess", id ${operatorId}), but the program has no such operator.`,
    );
    expect(plan.refusals[0]!.advice).toContain('--allowNonRestoredState (-n)');
    const allowed = planRestore(metadata, without, lenient);
    expect([allowed.kind, outcomes(allowed)['counts']]).toEqual(['restorable', 'dropped']);
  });

  it('that are gone but kept nothing are not missed', () => {
    const metadata = metadataOf(graphOf(counting()), { entries: ({ uid }) => (uid === 'counts' ? 0 : 1) });
    const plan = planRestore(
      metadata,
      graphOf((env) => void numbers(env).sinkTo(sinkOf()).uid('out')),
      strict,
    );
    expect([plan.kind, outcomes(plan)['counts']]).toEqual(['restorable', 'dropped']);
  });

  it('that are gone are refused for their enumerator alone', () => {
    const metadata = metadataOf(graphOf(counting()), { entries: () => 0 });
    const other = graphOf(
      (env) =>
        void env
          .fromSource(recordsOf<number>([1]))
          .uid('other')
          .sinkTo(sinkOf())
          .uid('out'),
    );
    expect(planRestore(metadata, other, strict).refusals.map(({ operator }) => operator?.uid)).toEqual(['in']);
  });

  it('take over state by uid hash first, and by their own id if there is none under it', () => {
    const metadata = metadataOf(graphOf(counting()));
    const { operatorId } = metadata.vertices[1]!.operators[0]!;
    const renamed = (hash: string, uid: string) =>
      graphOf(
        (env) =>
          void numbers(env)
            .keyBy((n) => n)
            .process(process({ count: keep }))
            .uid(uid)
            .setUidHash(hash)
            .sinkTo(sinkOf())
            .uid('out'),
      );
    const by = (plan: RestorePlan) => plan.operators[1]?.from?.by;
    expect(by(planRestore(metadata, renamed(operatorId, 'totals'), strict))).toBe('uidHash');
    expect(by(planRestore(metadata, renamed('ab'.repeat(16), 'counts'), strict))).toBe('uid');
    expect(rules(planRestore(metadata, renamed('ab'.repeat(16), 'totals'), strict))).toEqual(['operator-dropped']);
  });

  it('can not both take over the same state', () => {
    const metadata = metadataOf(graphOf(counting()));
    const { operatorId } = metadata.vertices[1]!.operators[0]!;
    const twice = graphOf((env) => {
      const keyed = numbers(env).keyBy((n) => n);
      void keyed
        .process(process({ count: keep }))
        .uid('counts')
        .sinkTo(sinkOf())
        .uid('out');
      void keyed
        .process(process({ count: keep }))
        .uid('second')
        .setUidHash(operatorId)
        .sinkTo(sinkOf())
        .uid('out 2');
    });
    expect(rules(planRestore(metadata, twice, lenient))).toEqual(['taken-twice']);
  });

  it('without uids are found by their place, with a warning, and a louder one if another operator is there now', () => {
    const place = (name: string) => (env: Environment) =>
      void numbers(env)
        .keyBy((n) => n)
        .process(process({ count: keep }))
        .name(name)
        .sinkTo(sinkOf())
        .uid('out');
    const metadata = metadataOf(graphOf(place('sum')));
    const warned = (name: string) => planRestore(metadata, graphOf(place(name)), strict);
    expect(warned('sum').operators[1]).toMatchObject({ outcome: 'restored', from: { by: 'place' } });
    expect(warned('sum').warnings.map(({ rule }) => rule)).toEqual(['no-uid']);
    expect(warned('mean').kind).toBe('restorable');
    expect(warned('mean').warnings[0]).toMatchObject({ rule: 'other-operator-now', operator: { name: 'mean' } });
    expect(warned('mean').warnings[0]!.message).toContain('"sum"');
  });
});

describe('max parallelism', () => {
  const limited = (parallelism: number, max?: number) =>
    graphOf((env) => {
      const counts = numbers(env)
        .keyBy((n) => n)
        .process(process({ count: keep }))
        .uid('counts')
        .setParallelism(parallelism);
      if (max !== undefined) counts.setMaxParallelism(max);
      void counts.sinkTo(sinkOf()).uid('out').setParallelism(1);
    });

  it('is adopted from the snapshot if the program sets none', () => {
    const plan = planRestore(metadataOf(limited(2)), limited(100), strict);
    const { vertexId } = limited(100).vertices[1]!;
    expect(plan.kind).toBe('restorable');
    expect(plan.maxParallelisms).toEqual({ [vertexId]: 128 });
    expect(plan.operators[1]).toMatchObject({
      parallelism: { before: 2, now: 100 },
      maxParallelism: { before: 128, now: 128, adopted: true },
    });
    const built = graphOf(
      (env) => {
        void numbers(env)
          .keyBy((n) => n)
          .process(process({ count: keep }))
          .uid('counts')
          .setParallelism(100)
          .sinkTo(sinkOf())
          .setParallelism(1);
      },
      { maxParallelisms: plan.maxParallelisms },
    );
    expect(built.vertices[1]!.maxParallelism).toBe(128);
  });

  it('that is set must be that of the snapshot: both numbers are named', () => {
    expect(planRestore(metadataOf(limited(2, 64)), limited(3, 64), strict).kind).toBe('restorable');
    const plan = planRestore(metadataOf(limited(2, 64)), limited(2, 32), lenient);
    expect(rules(plan)).toEqual(['max-parallelism-changed']);
    expect(plan.refusals[0]!.message).toMatch(/^Max parallelism mismatch: operator "counts".* 32, .* 64\.$/);
    expect(outcomes(plan)['counts']).toBe('incompatible');
  });

  it('is the highest parallelism ever', () => {
    expect(planRestore(metadataOf(limited(2, 4)), limited(4), strict).kind).toBe('restorable');
    const plan = planRestore(metadataOf(limited(2, 4)), limited(5), strict);
    expect(rules(plan)).toEqual(['parallelism-too-high']);
    expect(plan.refusals[0]!.message).toContain('has parallelism 5, but the snapshot has its state with max parallelism 4');
  });

  it('does not matter to operators that keep nothing', () => {
    const plain = (max: number) =>
      graphOf(
        (env) =>
          void numbers(env)
            .map((n) => n)
            .startNewChain()
            .setMaxParallelism(max)
            .uid('m')
            .sinkTo(sinkOf())
            .uid('out'),
      );
    expect(planRestore(metadataOf(plain(8)), plain(9), strict)).toMatchObject({ kind: 'restorable', maxParallelisms: {} });
  });

  it('of two vertices that become one chain must be the same', () => {
    const lists = (cut: boolean) =>
      graphOf((env) => {
        const mapped = numbers(env)
          .setMaxParallelism(64)
          .map({ operatorState: { seen: splitListState<number>() }, map: (n: number) => n })
          .uid('seen');
        if (cut) mapped.startNewChain().setMaxParallelism(32);
        void mapped.sinkTo(sinkOf()).uid('out');
      });
    expect(rules(planRestore(metadataOf(lists(true)), lists(false), strict))).toEqual(['max-parallelism-differs-in-chain']);
  });
});

describe('named states', () => {
  const planned = (before: StateDeclarations, now: StateDeclarations, flags = strict) =>
    planRestore(metadataOf(graphOf(counting(before))), graphOf(counting(now)), flags);

  it('may come, and may go if they are empty or that is allowed', () => {
    expect(planned({ count: keep }, { count: keep, more: keep }).operators[1]?.states).toEqual([
      { name: 'count', kind: 'value', outcome: 'restored', entries: 10, bytes: 100 },
      { name: 'more', kind: 'value', outcome: 'new' },
    ]);
    const gone = planned({ count: keep, more: keep }, { count: keep });
    expect(gone.refusals).toMatchObject([{ rule: 'state-dropped', state: 'more', operator: { uid: 'counts' } }]);
    const allowed = planned({ count: keep, more: keep }, { count: keep }, lenient);
    expect([allowed.kind, outcomes(allowed)['counts']]).toEqual(['restorable', 'restored']);
    expect(allowed.operators[1]?.states.at(-1)).toMatchObject({ name: 'more', outcome: 'dropped' });
  });

  it('of timers follow the same rule', () => {
    const timed = graphOf(
      (env) =>
        void numbers(env)
          .keyBy((n) => n)
          .process(process({ count: keep }, true))
          .uid('counts')
          .sinkTo(sinkOf())
          .uid('out'),
    );
    expect(rules(planRestore(metadataOf(timed), graphOf(counting()), strict))).toEqual(['state-dropped', 'state-dropped']);
  });

  it.each([
    ['value', keep, 'list', listState<number>()],
    ['list', listState<number>(), 'map', mapState<string, number>()],
    ['value', keep, 'reducing', reducingState<number>({ reduce: (a, b) => a + b })],
  ] as const)('of another kind are refused, even with -n: %s to %s', (kind, before, other, now) => {
    const plan = planned({ count: before }, { count: now }, lenient);
    expect(rules(plan)).toEqual(['state-kind-changed']);
    expect(plan.refusals[0]!.message).toContain(`declared as ${other}, but the snapshot has it as ${kind}`);
    expect(outcomes(plan)['counts']).toBe('incompatible');
  });

  it('of operators are refused if they are dealt out in another way', () => {
    const listed = (list: typeof splitListState | typeof unionListState) =>
      graphOf(
        (env) =>
          void numbers(env)
            .map({ operatorState: { seen: list<number>() }, map: (n: number) => n })
            .uid('seen')
            .sinkTo(sinkOf())
            .uid('out'),
      );
    expect(rules(planRestore(metadataOf(listed(splitListState)), listed(unionListState), strict))).toEqual(['state-kind-changed']);
  });

  it('that belong to subtasks go on at the same parallelism only', () => {
    const at = (parallelism: number) =>
      graphOf(
        (env) =>
          void numbers(env)
            .map({ operatorState: { seen: splitListState<number>() }, map: (n: number) => n })
            .uid('seen')
            .setParallelism(parallelism)
            .sinkTo(sinkOf())
            .uid('out'),
      );
    const metadata = metadataOf(at(2), { change: (state) => (state.name === 'seen' ? { ...state, kind: 'subtask' } : state) });
    const graph = (parallelism: number) => {
      const { vertices, ...rest } = at(parallelism);
      const own = (states: readonly { name: string; kind: string }[] = []) =>
        states.map((state) => ({ ...state, kind: 'subtask' as const }));
      return {
        ...rest,
        vertices: vertices.map((vertex) => ({
          ...vertex,
          operators: vertex.operators.map((operator) =>
            operator.uid === 'seen' ? { ...operator, states: own(operator.states) } : operator,
          ),
        })),
      };
    };
    expect(planRestore(metadata, graph(2), strict).kind).toBe('restorable');
    const plan = planRestore(metadata, graph(3), strict);
    expect(rules(plan)).toEqual(['parallelism-fixed']);
    expect(plan.refusals[0]!.message).toContain('needs parallelism 2, but the operator has 3');
    expect(plan.refusals[0]!.advice).toContain('splitListState()');
  });

  it('of an older schema version are brought up to the new one, if there is a way', () => {
    const migrate = () => 0;
    expect(planned({ count: keep }, { count: valueState<number>({ version: 3, migrate }) }).operators[1]?.states).toMatchObject([
      { name: 'count', outcome: 'restored', migrated: { from: 1, to: 3 } },
    ]);
    expect(rules(planned({ count: keep }, { count: valueState<number>({ version: 2 }) }))).toEqual(['schema-version-without-migrate']);
    expect(rules(planned({ count: valueState<number>({ version: 2 }) }, { count: valueState<number>({ migrate }) }))).toEqual([
      'schema-version-older',
    ]);
  });

  it('of another declared type are refused, but fields may come and go', () => {
    const typed = (type: Parameters<typeof valueState>[0]) => ({ count: valueState(type) });
    const point = t.object({ x: t.int, y: t.int });
    const renamed = planned(typed({ type: point }), typed({ type: t.object({ x: t.number, label: t.string }) }));
    expect(renamed.kind).toBe('restorable');
    const changed = planned(typed({ type: point }), typed({ type: t.object({ x: t.string, y: t.int }) }));
    expect(changed.refusals).toMatchObject([{ rule: 'value-type-changed', state: 'count' }]);
    expect(changed.refusals[0]!.message).toContain('declared as string at .x, but the snapshot has int');
    expect(planned(typed({ type: point }), typed({ type: t.string, version: 2, migrate: () => '' })).kind).toBe('restorable');
  });
});

describe('keys', () => {
  const by = (type?: typeof t.string | typeof t.int) => (env: Environment) =>
    void numbers(env)
      .keyBy((n) => n as never, type as never)
      .process(process({ count: keep }))
      .uid('counts')
      .sinkTo(sinkOf())
      .uid('out');

  it('of another declared type are refused', () => {
    const plan = planRestore(metadataOf(graphOf(by(t.string))), graphOf(by(t.int)), lenient);
    expect(plan.refusals).toMatchObject([{ rule: 'key-type-changed', operator: { uid: 'counts' } }]);
    expect(plan.refusals[0]!.message).toContain('declared as int, but the snapshot has its state by string');
  });

  it('that were seen in the data must be of the type that is declared now', () => {
    const seen = metadataOf(graphOf(by()), { change: (state) => ({ ...state, keyKinds: ['string'] }) });
    expect(rules(planRestore(seen, graphOf(by(t.int)), strict))).toEqual(['key-type-changed']);
    expect(planRestore(seen, graphOf(by(t.string)), strict).kind).toBe('restorable');
    expect(planRestore(seen, graphOf(by()), strict).kind).toBe('restorable');
  });
});

describe('output that is committed but not published', () => {
  const metadata = metadataOf(graphOf(counting()), { committables: { out: ['staged'] } });
  const withoutSink = graphOf(
    (env) =>
      void numbers(env)
        .keyBy((n) => n)
        .process(process({ count: keep }))
        .uid('counts')
        .sinkTo(sinkOf())
        .uid('another'),
  );

  it('is refused without its sink, even with -n', () => {
    const plan = planRestore(metadata, withoutSink, lenient);
    expect(plan.refusals).toMatchObject([{ rule: 'output-dropped', operator: { uid: 'out' } }]);
    expect(planRestore(metadata, graphOf(counting()), strict).kind).toBe('restorable');
  });

  it('is no matter once it was published', () => {
    expect(planRestore(metadata, withoutSink, { ...lenient, effectsDone: true }).kind).toBe('restorable');
  });
});

it('a plan of equal input is equal: the dry run says what a restore would do', () => {
  const [metadata, graph] = [metadataOf(graphOf(counting())), graphOf(counting({ other: keep }))];
  expect(planRestore(metadata, graph, strict)).toEqual(planRestore(metadata, graph, strict));
  expect(JSON.parse(JSON.stringify(planRestore(metadata, graph, strict)))).toMatchObject({ kind: 'refused' });
});
