import { defineJob, type PulledSource, type RichMapFunction, splitListState, type WithOperatorState } from 'weir-streams';
import { z } from 'zod';

/** Counts from 0. Its state is its position, which the engine keeps for it. */
export class StatefulSource implements PulledSource<number, number> {
  readonly start = 0;
  readonly boundedness: 'bounded' | 'continuous';
  readonly recordsPerSecond: number;
  readonly #end: number;

  constructor(end: number | undefined, recordsPerSecond: number) {
    this.boundedness = end === undefined ? 'continuous' : 'bounded';
    this.recordsPerSecond = recordsPerSecond;
    this.#end = end ?? Number.MAX_SAFE_INTEGER;
  }

  pull(position: number, limit: number) {
    const next = Math.min(position + limit, this.#end);
    return { records: Array.from({ length: next - position }, (_, index) => position + index), position: next, done: next === this.#end };
  }
}

export interface Counted {
  readonly number: number;
  /** How many numbers this subtask has mapped, this one included. */
  readonly mapped: number;
}

const mapperState = { mapped: splitListState<number>() };

/** Counts what it maps, in operator state: a list, since a subtask may have to go on with the counts of several. */
class StatefulMapper implements RichMapFunction<number, Counted, typeof mapperState> {
  readonly operatorState = mapperState;

  map(number: number, { operatorState }: WithOperatorState<typeof mapperState>): Counted {
    const mapped = operatorState.mapped.get().reduce((sum, count) => sum + count, 0) + 1;
    operatorState.mapped.update([mapped]);
    return { number, mapped };
  }
}

export default defineJob({
  name: 'savepoint-guide',
  args: z.object({
    count: z.coerce.number().int().positive().optional().describe('How many numbers there are; without end if left out'),
    rate: z.coerce.number().positive().default(10).describe('Numbers per second'),
  }),
  build(env, { count, rate }) {
    env
      // Stateful source with ID
      .addSource(new StatefulSource(count, rate))
      .uid('source-id')
      .shuffle()
      // Stateful mapper with ID
      .map(new StatefulMapper())
      .uid('mapper-id')
      // Stateless printing sink, with a generated ID
      .print();
  },
});
