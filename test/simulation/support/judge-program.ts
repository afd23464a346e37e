import { systemClock } from '../../../src/base/clock.ts';
import { messageOf } from '../../../src/base/errors.ts';
import { buildJob } from '../../../src/stream/build-job.ts';
import { randomFaults, type SimulationOptions, type SimulationResult, simulateJob } from '../../../src/testing/index.ts';
import { runReference } from '../../../src/testing/reference.ts';
import { encodeValue } from '../../../src/values/serializer.ts';
import { Draws } from './draws.ts';
import type { ProgramSize } from './program-plan.ts';
import { type RandomProgram, type RandomProgramOptions, randomProgram } from './random-program.ts';

/** How often sizes come in a row of seeds: most programs are small, since that is enough for most mistakes. */
const inTurn = ['small', 'medium', 'small', 'small'] as const;
const sizesInTurn: readonly ProgramSize[] = [...inTurn, 'large', ...inTurn, ...inTurn, ...inTurn, 'small', ...inTurn, 'small', 'small'];

export const sizeOf = (seed: number): ProgramSize => sizesInTurn[seed % sizesInTurn.length]!;

const programOf = (seed: number): RandomProgramOptions => {
  const size = sizeOf(seed);
  return { seed, size, long: size === 'small' && seed % longOneIn === 0 };
};

export type Shortened = Pick<RandomProgramOptions, 'steps' | 'elements'>;

/** A run without faults is cheap to believe once those with faults are right: one in so many seeds has it. */
const straightOneIn = 4;

/** What takes many checkpoints to show, such as compaction and times to live: small programs, one in so many seeds. */
const longOneIn = 25;

/**
 * Runs the program of a seed under faults, and some also without, at another parallelism and with other epochs. Each run is
 * compared with the reference: every subtask at every checkpoint, with the same epochs; and what sinks are given that
 * depends on none of these, with that of the plain reference. Gives what was wrong; nothing if all was right.
 */
export async function judgeProgram(seed: number, shortened: Shortened = {}): Promise<string | undefined> {
  const options = { ...programOf(seed), ...shortened };
  const draws = new Draws(`runs ${seed}`);
  const [place, otherPlace] = [drawPlace(draws), drawPlace(draws)];
  const faults = randomFaults({ seed, probability: draws.oneOf([0.005, 0.02, 0.04]), untilCall: 500 });
  try {
    const program = randomProgram({ ...options, flaky: true });
    const wanted = await independentOutput(randomProgram(options));
    expectOutput('under faults', program, await run(program, { seed, faults, ...place }), wanted);
    if (seed % straightOneIn !== 0) return undefined;
    const again = randomProgram({ ...options, cutSeed: `${seed} again` });
    expectOutput('without faults', again, await run(again, { seed, ...otherPlace }), wanted);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function drawPlace(draws: Draws): SimulationOptions {
  return {
    parallelism: draws.between(1, 4),
    slots: draws.between(1, 3),
    environmentsPerFunction: draws.between(1, 3),
    stateBackend: draws.oneOf(['dynamodb', 'dynamodb', 'filesystem', 'memory'] as const),
    ...(draws.chance(0.3) ? { segmentInlineBytes: draws.oneOf([0, 400]) } : {}),
  };
}

async function run(program: RandomProgram, options: SimulationOptions): Promise<SimulationResult> {
  const result = await simulateJob(program.definition, { compareSubtasks: true, ...options });
  if (result.status === 'FINISHED') return result;
  throw new Error(`the job ended ${result.status}: ${JSON.stringify(result.cause)}`);
}

/** By sink: what the plain reference gives to it, sorted; where that depends on nothing else. */
type Output = ReadonlyMap<string, readonly string[]>;

export async function independentOutput(program: RandomProgram): Promise<Output> {
  const objects = new Proxy({}, { get: () => () => Promise.reject(new TypeError('The sources of random programs read no objects.')) });
  const { sinks } = await runReference(buildJob(program.definition, {}), { clock: systemClock, objects: objects as never });
  return new Map(program.sinks.filter((each) => each.independent).map(({ uid }) => [uid, sorted(sinks.get(uid)!)]));
}

export function expectOutput(how: string, program: RandomProgram, result: SimulationResult, wanted: Output): void {
  for (const { uid, sink } of program.sinks) {
    const expected = wanted.get(uid);
    if (expected === undefined) continue;
    const found = sorted(result.output(sink));
    const at = expected.findIndex((value, index) => value !== found[index]);
    if (at < 0 && found.length === expected.length) continue;
    throw new Error(
      `${how}, sink ${uid} was given ${found.length} values instead of ${expected.length}; number ${at} in order is ${found[at]} instead of ${expected[at]}`,
    );
  }
}

const sorted = (values: readonly unknown[]): readonly string[] =>
  values.map((value) => JSON.stringify(Buffer.from(encodeValue(value)).toString('latin1'))).toSorted();

/** The message of a failure, after the program was made as short as it still fails: what it is, and how to run it again. */
export async function describeFailure(seed: number, message: string): Promise<string> {
  const { shortened, message: last } = await shorten(seed, message);
  const said = Object.entries(shortened).map(([name, value]) => `${name} ${value}`);
  const { text } = randomProgram({ ...programOf(seed), ...shortened });
  return [
    `Seed ${seed} (run it alone: WEIR_SEED=${seed} WEIR_SEEDS=1 npm test test/simulation/random-programs.test.ts)`,
    `${sizeOf(seed)}${said.length === 0 ? '' : `, still fails with ${said.join(' and ')}`}:`,
    text,
    last,
  ].join('\n');
}

/** Fewer steps first, then fewer elements. */
async function shorten(seed: number, message: string): Promise<{ readonly shortened: Shortened; readonly message: string }> {
  let best: { readonly shortened: Shortened; readonly message: string } = { shortened: {}, message };
  const attempt = async (shortened: Shortened): Promise<boolean> => {
    const again = await judgeProgram(seed, shortened);
    if (again !== undefined) best = { shortened, message: again };
    return again !== undefined;
  };
  const all = randomProgram(programOf(seed)).plan.filter((step) => step.kind !== 'sink').length;
  for (let steps = 1; steps < all; steps++) if (await attempt({ steps })) break;
  for (let elements = 1; elements < 32; elements *= 2) if (await attempt({ ...best.shortened, elements })) break;
  return best;
}
