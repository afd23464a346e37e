/** The program of the guide has the ids and the state that the guide speaks of, and counts right whatever goes wrong. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import job from '../../examples/savepoint-guide/job.ts';
import { operatorIdOfUid } from '../../src/graph/operator-ids.ts';
import { buildJob } from '../../src/stream/build-job.ts';
import { randomFaults, simulateJob } from '../../src/testing/index.ts';

/** What print writes to the console during a simulation. */
async function printed(parallelism: number, faulty: boolean): Promise<readonly string[]> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const faults = faulty ? { faults: randomFaults({ seed: parallelism, probability: 0.03, untilCall: 400 }) } : {};
  const result = await simulateJob(job, { args: { count: 40 }, parallelism, compareWithReference: true, ...faults });
  expect(result.status).toBe('FINISHED');
  return log.mock.calls.map(([line]) => String(line));
}

afterEach(() => vi.restoreAllMocks());

describe('the savepoint guide', () => {
  it('has state under the ids of its two uids, and a sink that needs none', () => {
    const { streamGraph, jobGraph, warnings } = buildJob(job, {}, { parallelism: 2 });
    expect(streamGraph.nodes.map((node) => [node.name, node.stateNames, node.parallelism])).toEqual([
      ['Source: Custom Source', ['_splits'], 1],
      ['Map', ['mapped'], 2],
      ['Sink: Print to Std. Out', [], 2],
    ]);
    const operators = jobGraph.vertices.flatMap((vertex) => vertex.operators);
    expect(operators.slice(0, 2).map(({ operatorId }) => operatorId)).toEqual(['source-id', 'mapper-id'].map(operatorIdOfUid));
    expect(jobGraph.edges.map(({ partitioning }) => partitioning)).toEqual(['shuffle']);
    expect(warnings).toEqual([]);
  });

  it('maps every number once, and counts them by subtask', async () => {
    const lines = await printed(3, false);
    const last = new Map(
      lines.map((line) => /^(\d)> \{ number: \d+, mapped: (\d+) \}$/.exec(line)!).map(([, subtask, mapped]) => [subtask, Number(mapped)]),
    );
    expect(new Set(last.keys())).toEqual(new Set(['1', '2', '3']));
    expect([...last.values()].reduce((sum, mapped) => sum + mapped)).toBe(40);
    expect(new Set(lines.map((line) => /number: (\d+)/.exec(line)![1])).size).toBe(40);
  });

  it('may print a line again after a failure, but counts no number twice', async () => {
    const lines = await printed(1, true);
    expect(lines.length).toBeGreaterThanOrEqual(40);
    expect([...new Set(lines)]).toEqual(Array.from({ length: 40 }, (_, number) => `{ number: ${number}, mapped: ${number + 1} }`));
  });
});
