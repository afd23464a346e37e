import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { graphDigest } from '../../src/graph/graph-digest.ts';
import type { Collector, Environment } from '../../src/index.ts';
import { defineJob, outputTag, valueState, WeirError } from '../../src/index.ts';
import { buildJob } from '../../src/stream/build-job.ts';
import { isJobDefinition } from '../../src/stream/define-job.ts';
import { recordsOf, sinkOf } from './sources-and-sinks.ts';

interface Flight {
  readonly origin: string;
  readonly delay: number;
}

const flights = recordsOf<Flight>([]);

const delays = defineJob({
  name: 'delays',
  build(env) {
    env
      .fromSource(flights)
      .uid('flights')
      .name('flights')
      .keyBy('origin')
      .process({
        state: { worst: valueState<number>() },
        onElement(flight, { state }) {
          state.worst.update(Math.max(flight.delay, state.worst.value() ?? 0));
        },
        onTimer(_time, { state }, out: Collector<number>) {
          out.collect(state.worst.value() ?? 0);
        },
      })
      .uid('delays')
      .sinkTo(sinkOf<number>())
      .uid('result');
  },
});

const jobOf = (build: (env: Environment) => void) => defineJob({ name: 'job', build });

function errorOf(action: () => unknown): WeirError {
  try {
    action();
  } catch (error) {
    if (WeirError.is(error)) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}

describe('what build wrote', () => {
  test('becomes nodes, chains and bodies, under the names of Flink', () => {
    const { streamGraph, jobGraph, bodies, warnings } = buildJob(delays, {}, { parallelism: 2 });
    expect(streamGraph.nodes.map((node) => [node.kind, node.name, node.uid, node.stateNames])).toEqual([
      ['source', 'Source: flights', 'flights', ['_splits']],
      ['keyedProcess', 'KeyedProcess', 'delays', ['_timers', 'worst']],
      ['sink', 'Sink: results', 'result', []],
    ]);
    expect(jobGraph.vertices.map((vertex) => vertex.name)).toEqual(['Source: flights', 'KeyedProcess -> Sink: results']);
    expect(jobGraph.edges.map((edge) => edge.partitioning)).toEqual(['hash']);
    expect(bodies.map((body) => body.kind)).toEqual(['source', 'keyedProcess', 'sink']);
    expect(warnings).toEqual([]);
  });

  test('selects a key by field name', () => {
    const body = buildJob(delays, {}).bodies[1]!;
    expect(body.kind === 'keyedProcess' && body.key({ origin: 'SFO', delay: 3 })).toBe('SFO');
  });

  test('keeps records on their subtask where parallelism allows, and deals them out where it does not', () => {
    const job = jobOf((env) => {
      const stream = env.fromSource(flights);
      stream.map((flight) => flight.delay).sinkTo(sinkOf<number>());
      stream
        .map((flight) => flight.delay)
        .setParallelism(1)
        .sinkTo(sinkOf<number>());
      stream
        .broadcast()
        .filter((flight) => flight.delay > 0)
        .sinkTo(sinkOf<Flight>());
    });
    const { streamGraph } = buildJob(job, {}, { parallelism: 3 });
    expect(streamGraph.nodes.map((node) => node.inputs[0]?.partitioning)).toEqual([
      undefined,
      'forward',
      'forward',
      'rebalance',
      'rebalance',
      'broadcast',
      'forward',
    ]);
  });

  test('a stream keeps its partitioning for the next operator only', () => {
    const job = jobOf((env) => {
      env
        .fromSource(flights)
        .uid('in')
        .rebalance()
        .map((flight) => flight.delay)
        .map((delay) => delay * 2)
        .startNewChain()
        .sinkTo(sinkOf<number>());
    });
    const { streamGraph, jobGraph } = buildJob(job, {});
    expect(streamGraph.nodes.map((node) => node.inputs[0]?.partitioning)).toEqual([undefined, 'rebalance', 'forward', 'forward']);
    expect(streamGraph.nodes[0]!.uid).toBe('in');
    expect(jobGraph.vertices.map((vertex) => vertex.name)).toEqual(['Source: records', 'Map', 'Map -> Sink: results']);
  });

  test('each stream of a union keeps its partitioning, unless the union is given one', () => {
    const job = jobOf((env) => {
      const [first, second] = [env.fromSource(flights), env.fromSource(flights).setParallelism(1)];
      const united = first.shuffle().union(second, first);
      united.filter(() => true).sinkTo(sinkOf<Flight>());
      united.rescale().sinkTo(sinkOf<Flight>());
    });
    const { streamGraph, jobGraph, partitioners } = buildJob(job, {}, { parallelism: 2 });
    const inputsOf = (node: number) => streamGraph.nodes[node]!.inputs.map(({ source, partitioning }) => [source, partitioning]);
    expect(inputsOf(2)).toEqual([
      [0, 'shuffle'],
      [1, 'rebalance'],
      [0, 'forward'],
    ]);
    expect(inputsOf(4)).toEqual([
      [0, 'rescale'],
      [1, 'rescale'],
      [0, 'rescale'],
    ]);
    expect(jobGraph.vertices.map((vertex) => vertex.name)).toEqual([
      'Source: records',
      'Source: records',
      'Filter -> Sink: results',
      'Sink: results',
    ]);
    expect(partitioners[2]).toEqual([undefined, undefined, undefined]);
  });

  test('a side output is read like a stream, in a chain where it can be', () => {
    const late = outputTag<Flight>('late');
    const job = jobOf((env) => {
      const split = env.fromSource(flights).process({ onElement: (flight, context) => context.output(late, flight) });
      split.getSideOutput(late).sinkTo(sinkOf<Flight>()).name('chained');
      split.getSideOutput(late).rebalance().sinkTo(sinkOf<Flight>()).name('dealt out');
    });
    const { jobGraph, warnings } = buildJob(job, {});
    expect(jobGraph.vertices.map((vertex) => vertex.name)).toEqual(['Source: records -> Process -> Sink: chained', 'Sink: dealt out']);
    expect(jobGraph.vertices[0]!.operators.map((operator) => operator.sideOutput)).toEqual([undefined, undefined, 'late']);
    expect(jobGraph.edges).toMatchObject([{ partitioning: 'rebalance', sideOutput: 'late', sourceOperator: 1 }]);
    expect(warnings.filter((warning) => warning.includes('Nothing reads'))).toEqual([]);
    expect(errorOf(() => outputTag('')).code).toBe('OUTPUT_TAG_INVALID');
  });

  test('a reduction holds its state under the name _reduce', () => {
    const job = jobOf((env) => {
      env
        .fromSource(flights)
        .keyBy('origin')
        .reduce((a, b) => (a.delay > b.delay ? a : b))
        .sinkTo(sinkOf<Flight>());
    });
    expect(buildJob(job, {}).streamGraph.nodes[1]).toMatchObject({ kind: 'reduce', name: 'Keyed Reduce', stateNames: ['_reduce'] });
  });

  test('is the same graph, byte for byte, every time', () => {
    const first = buildJob(delays, {}, { parallelism: 3 });
    const second = buildJob(delays, undefined, { parallelism: 3 });
    expect(JSON.stringify(second.jobGraph)).toBe(JSON.stringify(first.jobGraph));
    expect(graphDigest(second.jobGraph)).toBe(graphDigest(first.jobGraph));
  });
});

describe('parallelism', () => {
  const twelve = defineJob({
    name: 'twelve',
    parallelism: 12,
    maxParallelism: 60,
    build: (env) => void env.fromSource(flights).setMaxParallelism(40).sinkTo(sinkOf<Flight>()),
  });

  test('is what the caller says, else what the job file says, else one', () => {
    const of = (built: ReturnType<typeof buildJob>) => built.jobGraph.vertices[0]!.parallelism;
    expect(of(buildJob(twelve, {}, { parallelism: 5 }))).toBe(5);
    expect(of(buildJob(twelve, {}))).toBe(12);
    expect(of(buildJob(delays, {}))).toBe(1);
  });

  test('max parallelism of the job holds for operators without their own', () => {
    expect(buildJob(twelve, {}).streamGraph.nodes.map((node) => node.maxParallelism)).toEqual([40, 60]);
  });
});

describe('warnings', () => {
  test('name stateful operators and sinks without a uid, and streams that lead nowhere', () => {
    const job = jobOf((env) => {
      const stream = env.fromSource(flights);
      stream.map((flight) => flight.delay);
      stream.sinkTo(sinkOf<Flight>()).name('out');
    });
    expect(buildJob(job, {}).warnings).toEqual([
      expect.stringContaining('Operator "Source: records" has no uid'),
      'Nothing reads what operator "Map" emits. End the stream in .sinkTo(...).',
      expect.stringMatching(/Operator "Sink: out" has no uid.*unfinished output/),
    ]);
  });
});

describe('a job that allows no generated ids', () => {
  const strict = (build: (env: Environment) => void) => defineJob({ name: 'job', strictUids: true, build });

  test('is refused with the names of all operators that have neither uid nor uid hash', () => {
    const job = strict((env) => {
      const kept = env
        .fromSource(flights)
        .uid('in')
        .filter((flight) => flight.delay > 0)
        .name('late only');
      kept
        .setUidHash('ab'.repeat(16))
        .map((flight) => flight.delay)
        .sinkTo(sinkOf<number>());
    });
    const error = errorOf(() => buildJob(job, {}));
    expect(error).toMatchObject({ code: 'UID_REQUIRED', domain: 'program', subject: { operator: 'Map' } });
    expect(error.message).toBe(
      'Job "job" allows no generated ids (strictUids), but its operators "Map", "Sink: results" have neither a uid nor a uid hash.',
    );
  });

  test('is built where every operator has one; partitioning needs none', () => {
    const job = strict((env) => void env.fromSource(flights).uid('in').shuffle().sinkTo(sinkOf<Flight>()).uid('out'));
    expect(buildJob(job, {}).jobGraph.vertices).toHaveLength(2);
  });
});

describe('a build that does not belong in a cold start is refused', () => {
  test('because it returns a promise', () => {
    const job = jobOf(((env: Environment) => Promise.resolve(env.fromSource(flights))) as (env: Environment) => void);
    expect(errorOf(() => buildJob(job, {}))).toMatchObject({ code: 'ASYNC_BUILD', domain: 'program' });
  });

  test('because it makes another graph each time', () => {
    let calls = 0;
    const job = jobOf((env) => void env.fromSource(flights).uid(`source-${calls++}`).sinkTo(sinkOf<Flight>()));
    expect(errorOf(() => buildJob(job, {}))).toMatchObject({ code: 'IMPURE_BUILD', domain: 'program' });
  });

  test('because it goes on after it has returned', () => {
    let kept: ReturnType<Environment['fromSource']> | undefined;
    const job = jobOf((env) => {
      kept = env.fromSource<unknown>(flights);
      kept.sinkTo(sinkOf<unknown>());
    });
    buildJob(job, {});
    expect(errorOf(() => kept!.map((value) => value))).toMatchObject({ code: 'BUILD_FINISHED' });
  });

  test('but what it throws comes through as it is', () => {
    const thrown = new TypeError('no such table');
    const job = jobOf(() => {
      throw thrown;
    });
    expect(() => buildJob(job, {})).toThrow(thrown);
  });
});

describe('arguments', () => {
  const withArgs = (args: z.ZodType, seen: (value: unknown) => void = () => undefined) =>
    defineJob({
      name: 'job',
      args,
      build(env, value) {
        seen(value);
        env.fromSource(flights).sinkTo(sinkOf<Flight>());
      },
    });

  test('reach build as the schema makes them', () => {
    const seen: unknown[] = [];
    const job = withArgs(z.object({ rate: z.coerce.number(), mode: z.string().default('fast') }), (value) => seen.push(value));
    buildJob(job, { rate: '20' });
    expect(seen[0]).toEqual({ rate: 20, mode: 'fast' });
  });

  test('that are wrong are listed, each with its path and what was expected', () => {
    const job = withArgs(z.object({ input: z.string(), limits: z.object({ rate: z.number().min(1) }) }));
    const error = errorOf(() => buildJob(job, { limits: { rate: 0 } }));
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENTS', domain: 'user', advice: 'It takes --input, --limits, after "--".' });
    expect(error.message).toMatch(/^The arguments of job "job" are wrong: input: .*expected string.*; limits\.rate: .*>=1\.$/);
  });

  test('that the schema does not know are refused, unless it lets them through', () => {
    const error = errorOf(() => buildJob(withArgs(z.object({ input: z.string().optional() })), { inptu: 'a' }));
    expect(error.message).toBe('The arguments of job "job" are wrong: inptu: is unknown.');
    const misspelt = errorOf(() => buildJob(withArgs(z.object({ input: z.string() })), { inptu: 'a' }));
    expect(misspelt.message).toMatch(/wrong: input: .*; inptu: is unknown\.$/);
    const strict = errorOf(() => buildJob(withArgs(z.strictObject({})), { inptu: 'a' }));
    expect(strict.message).toBe('The arguments of job "job" are wrong: Unrecognized key: "inptu".');
    expect(buildJob(withArgs(z.looseObject({})), { inptu: 'a' }).warnings).toHaveLength(2);
  });

  test('that a schema renames are known', () => {
    const renamed = z.object({ input: z.string() }).transform(({ input }) => ({ uri: input }));
    expect(() => buildJob(withArgs(renamed), { input: 'a' })).not.toThrow();
  });

  test('of a job that takes none are refused', () => {
    expect(errorOf(() => buildJob(delays, { input: 'a' })).message).toContain('input: is unknown: the job takes no arguments');
  });

  test('that are no object are refused', () => {
    expect(errorOf(() => buildJob(delays, 'a')).message).toContain('expected an object, found a string');
  });

  test('that can only be checked asynchronously are refused', () => {
    const job = withArgs(z.object({ input: z.string().refine(() => Promise.resolve(true)) }));
    expect(errorOf(() => buildJob(job, { input: 'a' })).code).toBe('ASYNC_ARGUMENTS');
  });
});

describe('definitions', () => {
  test('are known by their brand, and nothing else is', () => {
    expect(isJobDefinition(delays)).toBe(true);
    expect([{}, null, undefined, 'job', { name: 'delays', build: () => undefined }].some(isJobDefinition)).toBe(false);
  });

  test('need a name and a build function', () => {
    expect(errorOf(() => defineJob({ name: ' ', build: () => undefined })).code).toBe('INVALID_JOB');
    expect(errorOf(() => defineJob({ name: 'job' } as never)).code).toBe('INVALID_JOB');
  });

  test('refuse state whose name is kept for the engine', () => {
    const job = jobOf((env) => {
      env
        .fromSource(flights)
        .keyBy('origin')
        .process({ state: { _reduce: valueState<number>() }, onElement: () => undefined });
    });
    expect(errorOf(() => buildJob(job, {})).code).toBe('INVALID_STATE_DECLARATION');
  });
});
