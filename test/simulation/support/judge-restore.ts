import { messageOf, WeirError } from '../../../src/base/errors.ts';
import {
  type FaultPlan,
  randomFaults,
  type SimulatedRequest,
  type SimulationOptions,
  type SimulationResult,
  simulateJob,
} from '../../../src/testing/index.ts';
import { Draws } from './draws.ts';
import { expectOutput, independentOutput, sizeOf } from './judge-program.ts';
import type { StepKind } from './program-plan.ts';
import { type RandomProgram, randomProgram } from './random-program.ts';

const stopsMax = 3;

export interface RestoreJudgement {
  /** How often it was resumed. */
  readonly resumed: number;
  /** What was wrong; nothing if all was right. */
  readonly failure?: string;
}

/**
 * Stops the program of a seed a few times, each time with a savepoint or so that a checkpoint is retained, and resumes it
 * at another parallelism, and with other epochs, until it has read all its input: what its sinks are given is the same as
 * in one go.
 */
export async function judgeRestore(seed: number): Promise<RestoreJudgement> {
  const draws = new Draws(`restores ${seed}`);
  // Slowly, so that there is something left to read after each stop.
  const program = randomProgram({ seed, size: sizeOf(seed), independentOnly: true, recordsPerSecond: draws.between(3, 12) });
  const steps: string[] = [];
  const resumed = () => steps.length - 1;
  try {
    const wanted = await independentOutput(program);
    let result: SimulationResult | undefined;
    for (let stop = 0; stop <= stopsMax; stop++) {
      const options = drawRun(draws, `${seed} ${stop}`, stop, mayDrain(program));
      steps.push(`parallelism ${options.parallelism}, ${describeEnding(options.requests?.[0])}`);
      const before = result;
      const claimMode = draws.oneOf(['no_claim', 'claim'] as const);
      result = await simulateJob(program.definition, {
        ...options,
        ...(before === undefined ? {} : { resume: { from: before, claimMode } }),
      });
      if (result.status !== 'FINISHED' && result.status !== 'CANCELED')
        throw new Error(`ended ${result.status}: ${JSON.stringify(result.cause)}`);
      if (!isStopped(result)) break;
    }
    expectOutput('resumed', program, result!, wanted);
    return { resumed: resumed() };
  } catch (error) {
    // At another parallelism other operators are chained, and those that set another max parallelism may not be.
    if (WeirError.is(error) && error.code === 'RESTORE_REFUSED' && /max parallelism/i.test(error.message)) return { resumed: resumed() };
    const run = `Seed ${seed} (WEIR_SEED=${seed} WEIR_SEEDS=1 npm test test/simulation/random-restores.test.ts)`;
    return { resumed: resumed(), failure: [run, program.text, steps.join('; '), messageOf(error)].join('\n') };
  }
}

/** Whether it did not come to the end of its input. */
function isStopped({ status, answers, checkpoints }: SimulationResult): boolean {
  const read = checkpoints.at(-1)?.vertices.every(({ subtasks }) => subtasks.every(({ endOfInput }) => endOfInput)) ?? false;
  const saved = answers.flat().some((answer) => answer.kind === 'completed' && answer.result.kind === 'savepoint');
  return (status === 'CANCELED' || saved) && !(read && status === 'FINISHED' && !saved);
}

/** What has no operator that waits for the end of event time: a drain before the end makes no difference to it. */
const mayDrain = ({ plan }: RandomProgram): boolean => plan.every(({ kind }) => timeless.has(kind));
const timeless: ReadonlySet<StepKind> = new Set([
  'source',
  'map',
  'filter',
  'flatMap',
  'process',
  'side',
  'union',
  'count',
  'connect',
  'sink',
]);

const describeEnding = (request: SimulatedRequest | undefined): string =>
  request === undefined ? 'to the end' : [request.kind, request.format, request.drain ? 'drained' : undefined].filter(Boolean).join(' ');

function drawEnding(draws: Draws, drains: boolean): Pick<SimulatedRequest, 'kind' | 'format' | 'drain'> {
  const kind = draws.oneOf(['stop', 'cancel', 'cancelNow'] as const);
  if (kind === 'cancelNow') return { kind };
  const format = draws.oneOf(['native', 'native', 'canonical'] as const);
  return { kind, format, ...(kind === 'stop' && drains && draws.chance(0.7) ? { drain: true } : {}) };
}

function drawRun(draws: Draws, seed: string, stop: number, drains: boolean): SimulationOptions {
  const ending = drawEnding(draws, drains);
  const faults: FaultPlan | undefined = draws.chance(0.4) ? randomFaults({ seed, probability: 0.01, untilCall: 400 }) : undefined;
  return {
    seed,
    parallelism: draws.between(1, 4),
    slots: draws.between(1, 3),
    environmentsPerFunction: draws.between(1, 2),
    stateBackend: draws.oneOf(['dynamodb', 'filesystem', 'memory'] as const),
    ...(draws.chance(0.3) ? { segmentInlineBytes: 0 } : {}),
    ...(faults === undefined ? {} : { faults }),
    ...(stop === stopsMax ? {} : { requests: [{ ...ending, afterCheckpoint: stop + draws.between(1, 3) }] }),
  };
}
