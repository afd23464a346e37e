import type { DataStream, Environment, WatermarkStrategy } from '../../../src/index.ts';
import { cutSource } from './cut-source.ts';
import { Draws } from './draws.ts';
import { drawItems, type Item } from './items.ts';
import { type ProgramSize, type Step, sizes } from './program-plan.ts';

/** How the input of a program falls into epochs. */
export interface SourceCuts {
  readonly seed: number | string;
  readonly size: ProgramSize;
  readonly elements?: number;
  readonly recordsPerSecond?: number;
  /** Many small epochs over more elements. */
  readonly long?: boolean;
  /** By source. */
  draws(index: number): Draws;
}

/** Whether a source is pulled: one subtask reads. */
export const isPulled = ({ kind, draws }: Step): boolean => kind === 'source' && draws[1]! % 5 === 0;

/** A bounded source of items: pulled, or of one to four splits, with or without event times. */
export function source(env: Environment, step: Step, index: number, cuts: SourceCuts): DataStream<Item> {
  const [timeDraw, , splitDraw, disorderDraw, greedyDraw, countDraw] = step.draws as [number, number, number, number, number, number];
  const most = sizes[cuts.size].elements * (cuts.long ? 5 : 1);
  const elements = Math.min((most >> 1) + (countDraw % (most >> 1)), cuts.elements ?? most);
  const disorderMs = [0, 150, 700][disorderDraw % 3]!;
  const name = `source${index}`;
  // The first so many items are the same, however many there are.
  const items = drawItems(new Draws(`items ${cuts.seed} ${index}`), `${'abcdef'[index]}`, elements, disorderMs);
  const strategy: WatermarkStrategy<Item> | undefined =
    timeDraw % 4 === 0 ? undefined : { timestamp: ({ at }) => at, maxOutOfOrdernessMs: step.wild ? disorderMs >> 2 : disorderMs };
  const draws = cuts.draws(index);
  const splits = isPulled(step) ? 1 : 1 + (splitDraw % 4);
  // Three to six epochs or so.
  const largestCut = cuts.long ? 2 : Math.max(1, Math.ceil(elements / splits / draws.between(2, 4)));
  const sizesOfCuts = Array.from({ length: 5 }, () => draws.between(1, largestCut));
  const pace = cuts.recordsPerSecond ?? (draws.chance(0.3) ? draws.between(4, 40) : undefined);
  const paced = pace === undefined ? {} : { recordsPerSecond: pace };
  if (isPulled(step)) {
    return env.addSource<Item, number>(
      {
        name,
        start: 0,
        boundedness: 'bounded',
        ...paced,
        pull(position, limit) {
          const end = Math.min(position + limit, position + sizesOfCuts[position % 5]!, items.length);
          return { records: items.slice(position, end), position: end, done: end === items.length };
        },
      },
      strategy,
    );
  }
  const dealt = Array.from({ length: splits }, (_, split) => items.filter((_item, at) => at % splits === split));
  // Between the reads of several splits with event times the engine may choose, if there are several in an epoch.
  const greedy = greedyDraw % 3 === 0 && (splits === 1 || strategy === undefined);
  // With half of none there would be nothing to begin with.
  const lateMs = step.wild && splits > 1 && greedyDraw % 2 === 0 ? 500 + (disorderDraw % 8_000) : undefined;
  return env.fromSource(cutSource({ name, splits: dealt, cuts: sizesOfCuts, greedy, lateMs, ...paced }), strategy);
}
