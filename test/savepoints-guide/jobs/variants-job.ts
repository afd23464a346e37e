import {
  type DataStream,
  type DerivedStream,
  defineJob,
  type Environment,
  type RichMapFunction,
  splitListState,
  subtaskState,
  valueState,
  type WithOperatorState,
} from 'weir-streams';
import { z } from 'zod';
import { StatefulSource } from '../../../examples/savepoint-guide/job.ts';

interface Row {
  readonly number: number;
  readonly mapped?: number;
  readonly second?: number;
  readonly total?: number;
}

const counted = { mapped: splitListState<number>() };

/** The mapper of the guide, over rows: how many the subtasks have mapped. */
class CountingMapper implements RichMapFunction<Row, Row, typeof counted> {
  readonly operatorState = counted;
  readonly #field: 'mapped' | 'second';

  constructor(field: 'mapped' | 'second') {
    this.#field = field;
  }

  map(row: Row, { operatorState }: WithOperatorState<typeof counted>): Row {
    const mapped = operatorState.mapped.get().reduce((sum, count) => sum + count, 0) + 1;
    operatorState.mapped.update([mapped]);
    return { ...row, [this.#field]: mapped };
  }
}

type Rows = DataStream<Row> | DerivedStream<Row>;

interface Parts {
  /** The stateful source, as rows. */
  numbers(): DataStream<Row>;
  mapper(from: Rows): DataStream<Row>;
  secondMapper(from: Rows): DataStream<Row>;
  /** A running count by the last digit, in keyed state. */
  totals(from: Rows): DataStream<Row>;
  /** The mapper again, its count in state that belongs to its subtask. */
  ownMapper(from: Rows): DataStream<Row>;
}

const isRow = (): boolean => true;
const same = (row: Row): Row => row;

/** What may become of the program of the guide. */
const layouts = {
  guide: ({ numbers, mapper }: Parts) => mapper(numbers().shuffle()),
  'stateless added': ({ numbers, mapper }: Parts) => mapper(numbers().filter(isRow).map(same).shuffle()).filter(isRow),
  'stateless reordered': ({ numbers, mapper }: Parts) => mapper(numbers().map(same).filter(isRow).shuffle()).filter(isRow),
  'totals last': ({ numbers, mapper, totals }: Parts) => totals(mapper(numbers().shuffle())),
  'totals first': ({ numbers, mapper, totals }: Parts) => mapper(totals(numbers()).shuffle()),
  'mapper added': ({ numbers, mapper, secondMapper }: Parts) => secondMapper(mapper(numbers().shuffle())),
  'mapper deleted': ({ numbers }: Parts) => numbers().shuffle(),
  'own state': ({ numbers, ownMapper }: Parts) => ownMapper(numbers().shuffle()),
  'in one chain': ({ numbers, mapper }: Parts) => mapper(numbers().rebalance().filter(isRow).map(same)).filter(isRow),
  'in two chains': ({ numbers, mapper }: Parts) => mapper(numbers().rebalance().filter(isRow).map(same)).startNewChain().filter(isRow),
} as const;

export type Layout = keyof typeof layouts;

function partsOf(env: Environment, source: StatefulSource, withIds: boolean): Parts {
  const named = (stream: DataStream<Row>, uid: string): DataStream<Row> => (withIds ? stream.uid(uid) : stream);
  return {
    numbers() {
      const numbers = env.addSource(source);
      return (withIds ? numbers.uid('source-id') : numbers).map((number): Row => ({ number }));
    },
    mapper: (from) => named(from.map(new CountingMapper('mapped')), 'mapper-id'),
    secondMapper: (from) => named(from.map(new CountingMapper('second')), 'second-id'),
    totals: (from) =>
      named(
        from
          .keyBy(({ number }) => number % 10)
          .process({
            state: { total: valueState<number>() },
            onElement(row, { state }, out) {
              state.total.update((state.total.value() ?? 0) + 1);
              out.collect({ ...row, total: state.total.value()! });
            },
          }),
        'totals-id',
      ),
    ownMapper: (from) =>
      named(
        from.map({
          operatorState: { own: subtaskState<number>() },
          map(row, { operatorState: { own } }): Row {
            own.update((own.value() ?? 0) + 1);
            return { ...row, mapped: own.value()! };
          },
        }),
        'mapper-id',
      ),
  };
}

export default defineJob({
  name: 'savepoint-guide',
  args: z.object({
    layout: z.enum(Object.keys(layouts) as [Layout, ...Layout[]]).default('guide'),
    ids: z.enum(['given', 'generated']).default('given'),
    count: z.coerce.number().int().positive().optional(),
    rate: z.coerce.number().positive().default(100),
  }),
  build(env, { layout, ids, count, rate }) {
    layouts[layout](partsOf(env, new StatefulSource(count, rate), ids === 'given')).print();
  },
});
