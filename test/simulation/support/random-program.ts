import {
  type DataStream,
  type DataStreamSink,
  type DerivedStream,
  defineJob,
  type Environment,
  type JobDefinition,
} from '../../../src/index.ts';
import { type CollectSink, collectSink } from '../../../src/testing/index.ts';
import { chaos } from './chaos-step.ts';
import { Draws } from './draws.ts';
import type { Item } from './items.ts';
import { count, extreme, globallyWindowed, keyedConnect, running, settle, window } from './keyed-steps.ts';
import { broadcast, connect, filter, flaky, flatMap, keyedBroadcast, map, process } from './plain-steps.ts';
import { drawPlan, type ProgramSize, type Step, type StepPartitioning, shortened } from './program-plan.ts';
import { oddOutput } from './side-output.ts';
import { isPulled, type SourceCuts, source } from './source-step.ts';

export interface RandomProgramOptions {
  readonly seed: number | string;
  readonly size: ProgramSize;
  /** Only steps whose results depend on neither order, parallelism nor where epochs end. Default: also others. */
  readonly independentOnly?: boolean;
  /** Where epochs end, and how many of the elements they take: another seed is another way to cut the same input. Default: `seed`. */
  readonly cutSeed?: number | string;
  /** Only so many of the steps; for shrinking. Default: all. */
  readonly steps?: number;
  /** Only so many elements for each source; for shrinking. Default: by size. */
  readonly elements?: number;
  /** Five times the elements, in epochs of one or two for each split. Default: no. */
  readonly long?: boolean;
  /** Whether functions may throw, each item once: the job gets over it. Once per program made. Default: no. */
  readonly flaky?: boolean;
  /** Reads in small epochs at this pace, so that a job takes its time. Default: as fast as cuts allow, about one cut a second. */
  readonly recordsPerSecond?: number;
}

export interface ProgramSink {
  readonly uid: string;
  readonly sink: CollectSink<Item>;
  /** Whether what it gets is the same, in some order, whatever the parallelism, the epochs and the order between splits. */
  readonly independent: boolean;
}

export interface RandomProgram {
  readonly definition: JobDefinition;
  readonly sinks: readonly ProgramSink[];
  readonly plan: readonly Step[];
  /** The program in words, one line for each step. */
  readonly text: string;
}

/** A program and its input, by chance: the same for the same options, whatever the parallelism it is run with. */
export function randomProgram(options: RandomProgramOptions): RandomProgram {
  const { seed, size, independentOnly = false, steps } = options;
  const whole = drawPlan(seed, { size, wild: !independentOnly });
  const plan = steps === undefined ? whole : shortened(whole, steps);
  const uidOf = (index: number) => `${plan[index]!.kind}-${index}`;
  const sinks = new Map(plan.flatMap((step, index) => (step.kind === 'sink' ? [[index, collectSink<Item>(uidOf(index))] as const] : [])));
  const cuts: SourceCuts = { ...options, draws: (index) => new Draws(`cuts ${options.cutSeed ?? seed} ${index}`) };
  const tripped = options.flaky ? new Set<string>() : undefined;
  const definition = defineJob({
    name: `random-${size}-${seed}`,
    build(env) {
      const builder = new ProgramBuilder({ env, plan, sinks, cuts, tripped });
      for (const index of plan.keys()) builder.build(index, uidOf(index));
    },
  });
  return {
    definition: definition as JobDefinition,
    sinks: [...sinks].map(([index, sink]) => ({ uid: uidOf(index), sink, independent: plan[index]!.independent })),
    plan,
    text: plan.map((step, index) => lineOf(uidOf(index), step, uidOf)).join('\n'),
  };
}

type Stream = DataStream<Item> | DerivedStream<Item>;

interface ProgramParts {
  readonly env: Environment;
  readonly plan: readonly Step[];
  readonly sinks: ReadonlyMap<number, CollectSink<Item>>;
  readonly cuts: SourceCuts;
  /** Items that were thrown at. */
  readonly tripped: Set<string> | undefined;
}

class ProgramBuilder {
  readonly #parts: ProgramParts;
  readonly #streams: Stream[] = [];
  /** By step: of the operators that its stream comes out of. */
  readonly #parallelisms: (readonly number[])[] = [];

  constructor(parts: ProgramParts) {
    this.#parts = parts;
  }

  build(index: number, uid: string): void {
    const step = this.#parts.plan[index]!;
    if (step.kind === 'sink') {
      settings(this.#input(step, 0).sinkTo(this.#parts.sinks.get(index)!).uid(uid), step);
      return;
    }
    const stream = this.#stream(index, step, uid);
    this.#streams[index] = stream;
    const isDerived = step.kind === 'side' || step.kind === 'union';
    if (!isDerived) settings((stream as DataStream<Item>).uid(uid), step);
    this.#parallelisms[index] = isDerived
      ? step.inputs.flatMap((input) => this.#parallelisms[input]!)
      : [step.kind === 'source' && isPulled(step) ? 1 : (step.parallelism ?? this.#parts.env.parallelism)];
  }

  #stream(index: number, step: Step, uid: string): Stream {
    switch (step.kind) {
      case 'source':
        return source(this.#parts.env, step, index, this.#parts.cuts);
      case 'map':
        return map(this.#input(step, 0), step);
      case 'filter':
        return filter(this.#input(step, 0), step);
      case 'flatMap':
        return flatMap(this.#input(step, 0), step);
      case 'process':
        return process(this.#input(step, 0), step);
      case 'side':
        return (this.#streams[step.inputs[0]!] as DataStream<Item>).getSideOutput(oddOutput);
      case 'union': {
        const [first, ...others] = step.inputs.map((_, input) => this.#input(step, input));
        return first!.union(...(others as DerivedStream<Item>[]));
      }
      case 'count':
        return count(this.#input(step, 0), step);
      case 'extreme':
        return extreme(this.#input(step, 0), step, uid);
      case 'settle':
        return settle(this.#input(step, 0), step);
      case 'window':
        return window(this.#input(step, 0), step);
      case 'globalWindow':
        return globallyWindowed(this.#input(step, 0), step, uid);
      case 'running':
        return running(this.#input(step, 0), step);
      case 'chaos':
        return chaos(this.#input(step, 0), step);
      case 'connect':
        return connect(this.#input(step, 0), this.#input(step, 1), step);
      case 'keyedConnect':
        return keyedConnect(this.#input(step, 0), this.#input(step, 1), step);
      case 'broadcast':
        return broadcast(this.#input(step, 0), this.#input(step, 1).broadcast(), step);
      case 'keyedBroadcast':
        return keyedBroadcast(this.#input(step, 0), this.#input(step, 1).broadcast(), step);
      case 'flaky':
        return flaky(this.#input(step, 0), step, this.#parts.tripped);
      case 'sink':
        throw new TypeError('A sink is no stream.');
    }
  }

  #input(step: Step, input: number): Stream {
    const from = step.inputs[input]!;
    const target = step.parallelism ?? this.#parts.env.parallelism;
    const keeps = this.#parallelisms[from]!.every((parallelism) => parallelism === target);
    return partitioned(this.#streams[from]!, step.partitionings[input], keeps);
  }
}

function partitioned(stream: Stream, partitioning: StepPartitioning | undefined, keepsParallelism: boolean): Stream {
  switch (partitioning) {
    case undefined:
      return stream;
    case 'forward':
      return keepsParallelism ? stream.forward() : stream.rebalance();
    case 'custom':
      return stream.partitionCustom((k, partitions) => k % partitions, 'k');
    default:
      return stream[partitioning]();
  }
}

function settings(operator: DataStream<Item> | DataStreamSink, step: Step): void {
  if (step.parallelism !== undefined && !isPulled(step)) operator.setParallelism(step.parallelism);
  if (step.maxParallelism !== undefined) operator.setMaxParallelism(step.maxParallelism);
  if (step.chaining === 'head') operator.startNewChain();
  if (step.chaining === 'never') operator.disableChaining();
}

function lineOf(uid: string, step: Step, uidOf: (index: number) => string): string {
  const inputs = step.inputs.map(
    (input, at) => `${uidOf(input)}${step.partitionings[at] === undefined ? '' : ` ${step.partitionings[at]}`}`,
  );
  const { parallelism, maxParallelism, chaining } = step;
  const said = Object.entries({ parallelism, maxParallelism, chaining }).filter(([, value]) => value !== undefined);
  const marks = [step.wild ? 'wild' : '', step.independent ? '' : 'depends on order'].filter((mark) => mark !== '');
  return `${uid}(${inputs.join(', ')}) ${[...said.map((pair) => pair.join(' ')), ...marks, `draws ${step.draws.join(' ')}`].join(', ')}`;
}
