// Catches: totals that depend on which subtask added what, or that outgrow where they are kept.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Acknowledgement } from '../../src/protocol/acknowledgement.ts';
import { accumulate, type JobAccumulators, totalAccumulators } from '../../src/protocol/job-accumulators.ts';
import { SubtaskAccumulators } from '../../src/runtime/subtask-accumulators.ts';
import { ReferenceAccumulators } from '../../src/testing/reference-accumulators.ts';
import { type AccumulatorKind, accumulatorText, accumulatorTypes, type NamedAccumulator } from '../../src/values/accumulator.ts';

const kinds = Object.keys(accumulatorTypes) as AccumulatorKind[];

const said = (vertexId: string, subtask: number, accumulators: readonly NamedAccumulator[]): Acknowledgement =>
  ({ vertexId, subtask, accumulators: JSON.stringify(accumulators) }) as Acknowledgement;

describe('accumulators of a job', () => {
  it('are what one list of all that was added gives, however it was spread over subtasks and epochs', () => {
    // In quarters, of which sums are exact in any order.
    const added = fc.array(fc.record({ subtask: fc.nat(2), epoch: fc.nat(4), number: fc.integer({ min: -400, max: 400 }) }));
    fc.assert(
      fc.property(added, (adds) => {
        const reference = new ReferenceAccumulators();
        const subtasks = [0, 1, 2].map(() => new SubtaskAccumulators());
        for (const target of [reference, ...subtasks]) for (const kind of kinds) target.register(kind, kind);
        let job: JobAccumulators | undefined;
        for (let epoch = 0; epoch < 5; epoch++) {
          for (const subtask of subtasks) subtask.begin();
          for (const { subtask, number } of adds.filter((each) => each.epoch === epoch)) {
            for (const kind of kinds) {
              const value = kind === 'longCounter' || kind === 'histogram' ? number : number / 4;
              subtasks[subtask]!.add(kind, value);
              reference.add(kind, value);
            }
          }
          const outcome = accumulate(
            job,
            subtasks.map((subtask, index) => said('v', index, subtask.values)),
          );
          if (outcome.kind === 'changed') job = JSON.parse(outcome.json) as JobAccumulators;
        }
        expect(totalAccumulators(job)).toEqual(reference.values);
        expect(totalAccumulators(job, 'other')).toEqual([]);
      }),
      { seed: 41, numRuns: 200 },
    );
  });

  it('say so when nothing has changed, so that nothing is written', () => {
    const first = accumulate(undefined, [said('v', 0, [{ name: 'n', value: { kind: 'longCounter', sum: 0 } }])]);
    if (first.kind !== 'changed') throw new Error('a new name is a change');
    expect(accumulate(first.accumulators, [said('v', 0, [{ name: 'n', value: { kind: 'longCounter', sum: 0 } }])])).toEqual({
      kind: 'unchanged',
    });
    expect(accumulate(undefined, [{ vertexId: 'v', subtask: 0 } as Acknowledgement])).toEqual({ kind: 'unchanged' });
  });

  it('keep one name apart that two vertices use for two kinds', () => {
    const outcome = accumulate(undefined, [
      said('a', 0, [{ name: 'n', value: { kind: 'longCounter', sum: 3 } }]),
      said('b', 0, [{ name: 'n', value: { kind: 'doubleMaximum', extreme: 2 } }]),
    ]);
    if (outcome.kind !== 'changed') throw new Error('new names are a change');
    expect(totalAccumulators(outcome.accumulators).map(({ value }) => accumulatorText(value))).toEqual(['2', '3']);
  });

  it('are refused where they outgrow a record, or their sum a number', () => {
    const counts = Array.from({ length: 30_000 }, (_, index) => [index, 1] as const);
    const large = accumulate(undefined, [said('v', 0, [{ name: 'n', value: { kind: 'histogram', counts } }])]);
    expect(large).toMatchObject({ kind: 'refused', failure: { code: 'ACCUMULATOR_INVALID', domain: 'program' } });
    const most = [{ name: 'n', value: { kind: 'doubleCounter', sum: Number.MAX_VALUE } }] as const;
    const first = accumulate(undefined, [said('v', 0, most)]);
    if (first.kind !== 'changed') throw new Error('a new name is a change');
    expect(accumulate(first.accumulators, [said('v', 0, most)])).toMatchObject({ kind: 'refused' });
  });

  it('are written as Flink writes local values', () => {
    expect(
      accumulatorText({
        kind: 'histogram',
        counts: [
          [1, 2],
          [3, 4],
        ],
      }),
    ).toBe('{1=2, 3=4}');
    expect(accumulatorText({ kind: 'averageAccumulator', count: 4, sum: 6 })).toBe('1.5');
    expect(accumulatorText({ kind: 'doubleMinimum', extreme: null })).toBe('null');
  });
});
