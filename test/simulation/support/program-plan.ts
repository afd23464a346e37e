import { Draws } from './draws.ts';

export type ProgramSize = 'small' | 'medium' | 'large';

/** What the operators of random programs do; each is built by `build-step.ts`. */
export type StepKind =
  | 'source'
  | 'map'
  | 'filter'
  | 'flatMap'
  | 'process'
  | 'side'
  | 'union'
  /** A running count by key. */
  | 'count'
  /** A running reduction, of which the last value is taken. */
  | 'extreme'
  /** Keyed state that is emitted at the end of time. */
  | 'settle'
  /** Keyed state that is emitted by event time. */
  | 'window'
  /** The engine's own window of all elements, emitted at the end of time. */
  | 'globalWindow'
  | 'connect'
  | 'keyedConnect'
  | 'broadcast'
  | 'keyedBroadcast'
  /** A running reduction, as it comes. */
  | 'running'
  /** Everything that keyed state and timers can do, in any order. */
  | 'chaos'
  /** Passes everything on, but throws at one item, the first time that it comes. */
  | 'flaky'
  | 'sink';

export type StepPartitioning = 'forward' | 'rebalance' | 'rescale' | 'shuffle' | 'broadcast' | 'global' | 'custom';

/** One operator of a program, as data: a program can be printed, cut short and built again and again. */
export interface Step {
  readonly kind: StepKind;
  /** Steps that it reads. */
  readonly inputs: readonly number[];
  /** How each input is dealt out; nothing: as the parallelisms allow. */
  readonly partitionings: readonly (StepPartitioning | undefined)[];
  /** What else chance decides. */
  readonly draws: readonly number[];
  /** The job's if left out. */
  readonly parallelism?: number;
  readonly maxParallelism?: number;
  readonly chaining?: 'head' | 'never';
  /** Does what depends on the order of its input, on parallelism, or on where epochs end. */
  readonly wild: boolean;
  /** What comes out is the same, in some order, whatever the parallelism, the epochs and the order between splits. */
  readonly independent: boolean;
  /** The same of timestamps, and nothing in it is late. */
  readonly timed: boolean;
  /** About how many records come out, for each that a source has. */
  readonly weight: number;
}

export interface PlanOptions {
  readonly size: ProgramSize;
  /** Whether steps may be wild. */
  readonly wild: boolean;
}

export const sizes: {
  readonly [size in ProgramSize]: { readonly sources: number; readonly steps: readonly [number, number]; readonly elements: number };
} = {
  small: { sources: 1, steps: [1, 3], elements: 12 },
  medium: { sources: 2, steps: [3, 6], elements: 20 },
  large: { sources: 3, steps: [6, 12], elements: 40 },
};

const weightMax = 6;

/** So that a program of twelve steps is likely to have each kind, and wild ones don't leave nothing to compare. */
const tameWeights = {
  map: 3,
  filter: 2,
  flatMap: 2,
  process: 3,
  side: 2,
  union: 2,
  count: 2,
  extreme: 2,
  settle: 3,
  window: 3,
  globalWindow: 2,
  connect: 2,
  keyedConnect: 2,
  broadcast: 1,
  keyedBroadcast: 2,
} as const;
const wildWeights = { ...tameWeights, running: 3, chaos: 12, flaky: 5, keyedBroadcast: 4 } as const;

/** A program by chance: sources, steps over them, and a sink wherever nothing else reads. */
export function drawPlan(seed: number | string, options: PlanOptions): readonly Step[] {
  const draws = new Draws(`program ${options.size} ${seed}`);
  const { sources, steps } = sizes[options.size];
  const plan: Step[] = [];
  for (let count = draws.between(1, sources); count > 0; count--) plan.push(drawSource(draws, options));
  if (options.wild && options.size === 'small' && draws.chance(0.4)) {
    // What is kept, and a failure right behind it: that is where most of undoing happens.
    const kept = draws.oneOf(['chaos', 'chaos', 'broadcast', 'keyedBroadcast', 'process', 'filter'] as const);
    for (const kind of [kept, 'flaky'] as const) plan.push(drawStep(draws, plan, options, kind));
    return withSinks(draws, plan);
  }
  for (let count = draws.between(...steps); count > 0; count--) plan.push(drawStep(draws, plan, options));
  return withSinks(draws, plan);
}

/** The first steps of a plan, with sinks wherever nothing reads any more. */
export function shortened(plan: readonly Step[], steps: number): readonly Step[] {
  const first = plan.filter((step) => step.kind !== 'sink').slice(0, steps);
  return withSinks(new Draws('short'), first);
}

const drawNumbers = (draws: Draws): readonly number[] => Array.from({ length: 6 }, () => draws.below(1 << 16));

function drawSource(draws: Draws, { wild }: PlanOptions): Step {
  const numbers = drawNumbers(draws);
  const late = wild && draws.chance(0.3);
  const timed = numbers[0]! % 4 !== 0 && !late;
  const parallelism = draws.chance(0.3) ? { parallelism: draws.between(1, 4) } : {};
  return { kind: 'source', inputs: [], partitionings: [], draws: numbers, ...parallelism, wild: late, independent: true, timed, weight: 1 };
}

function drawStep(draws: Draws, plan: readonly Step[], options: PlanOptions, told?: keyof typeof wildWeights): Step {
  const input = told !== undefined || draws.chance(0.6) ? plan.length - 1 : draws.below(plan.length);
  const isWild = told !== undefined || (options.wild && draws.chance(0.4));
  const kind: StepKind = told ?? draws.weighted<keyof typeof wildWeights>(isWild ? wildWeights : tameWeights);
  const from = plan[input]!;
  if (kind === 'side') return drawSide(draws, plan) ?? drawStep(draws, plan, options);
  if (kind === 'window' && !from.timed && !isWild) return drawStep(draws, plan, options);
  const inputs = inputsTwo(kind) ? [input, draws.below(plan.length)] : [input];
  if (kind === 'union' && draws.chance(0.2)) inputs.push(draws.below(plan.length));
  const read = inputs.map((index) => plan[index]!);
  const base = { kind, inputs, draws: drawNumbers(draws), ...settings(draws, kind) };
  const dealt = inputs.map(() => (mayPartition(kind) && draws.chance(0.4) ? draws.oneOf(partitionings) : undefined));
  // Beside a stream that all subtasks get there is another kind of function.
  if (kind === 'connect' && dealt[1] === 'broadcast') dealt[1] = 'rescale';
  // Who gets everything must be one, or everything is there several times.
  const copies = dealt.includes('broadcast');
  const wild = isWild && kind !== 'flaky';
  const weight = weightOf(kind, read) * (copies && wild ? 3 : 1);
  if (weight > weightMax && told === undefined) return drawStep(draws, plan, options);
  return {
    ...base,
    ...(copies && !wild ? { parallelism: 1 } : {}),
    partitionings: dealt,
    wild,
    independent: !wild && read.every((each) => each.independent),
    timed:
      kind === 'window' ||
      (!['count', 'extreme', 'settle', 'globalWindow', 'keyedConnect', 'keyedBroadcast', 'running'].includes(kind) &&
        read.every((each) => each.timed)),
    weight,
  };
}

/** Of any step that has one. */
function drawSide(draws: Draws, plan: readonly Step[]): Step | undefined {
  const having = [...plan.keys()].filter((index) => hasSideOutput(plan[index]!));
  if (having.length === 0) return undefined;
  const input = draws.oneOf(having);
  const { independent, timed, weight } = plan[input]!;
  return { kind: 'side', inputs: [input], partitionings: [undefined], draws: drawNumbers(draws), wild: false, independent, timed, weight };
}

function settings(draws: Draws, kind: StepKind): Pick<Step, 'parallelism' | 'maxParallelism' | 'chaining'> {
  // A failure does most harm in the chain of those who keep something.
  if (kind === 'side' || kind === 'union' || kind === 'flaky') return {};
  return {
    ...(draws.chance(0.3) ? { parallelism: draws.between(1, 4) } : {}),
    ...(draws.chance(0.15) ? { maxParallelism: draws.oneOf([4, 5, 7, 16, 128, 200]) } : {}),
    ...(draws.chance(0.15) ? { chaining: draws.oneOf(['head', 'never'] as const) } : {}),
  };
}

const inputsTwo = (kind: StepKind): boolean => ['union', 'connect', 'keyedConnect', 'broadcast', 'keyedBroadcast'].includes(kind);
const hasSideOutput = ({ kind }: Step): boolean => ['process', 'settle', 'globalWindow', 'chaos', 'connect'].includes(kind);
const mayPartition = (kind: StepKind): boolean =>
  !['side', 'union', 'broadcast', 'keyedBroadcast', 'flaky'].includes(kind) && !isKeyed(kind);
const isKeyed = (kind: StepKind): boolean =>
  ['count', 'extreme', 'settle', 'window', 'globalWindow', 'keyedConnect', 'running', 'chaos'].includes(kind);

const partitionings: readonly StepPartitioning[] = ['forward', 'rebalance', 'rescale', 'shuffle', 'broadcast', 'global', 'custom'];

function weightOf(kind: StepKind, read: readonly Step[]): number {
  const sum = read.reduce((all, each) => all + each.weight, 0);
  if (kind === 'flatMap' || kind === 'chaos') return sum * 1.5;
  return kind === 'filter' || kind === 'side' ? sum * 0.7 : sum;
}

function withSinks(draws: Draws, steps: readonly Step[]): readonly Step[] {
  const plan = [...steps];
  const readBy = new Set(steps.flatMap((step) => step.inputs));
  steps.forEach((from, index) => {
    if (readBy.has(index) && !draws.chance(0.2)) return;
    const partitioning = draws.chance(0.3)
      ? draws.oneOf(['forward', 'rebalance', 'rescale', 'shuffle', 'global', 'custom'] as const)
      : undefined;
    const { independent, timed, weight } = from;
    const base = { inputs: [index], partitionings: [partitioning], draws: drawNumbers(draws), ...settings(draws, 'sink') };
    plan.push({ kind: 'sink', ...base, wild: false, independent, timed, weight });
  });
  return plan;
}
