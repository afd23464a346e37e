// Catches: a retention policy or savepoint directory that is found wrong only when a job ends, or a savepoint is needed.
import { describe, expect, it } from 'vitest';
import { defineJob, type JobConfiguration } from '../../src/index.ts';
import { planProgram } from '../../src/job/plan-program.ts';
import { collectSink } from '../../src/testing/collect-sink.ts';
import { fromElements } from '../../src/testing/from-elements.ts';

const jobWith = (configuration: Pick<JobConfiguration, 'checkpointing' | 'savepoints'>) =>
  defineJob({
    name: 'configured',
    ...configuration,
    build: (env) => {
      env
        .fromSource(fromElements([1]))
        .uid('ones')
        .sinkTo(collectSink())
        .uid('out');
    },
  });

describe('what a job says of its checkpoints and savepoints', () => {
  it('is part of its plan', () => {
    const job = jobWith({
      checkpointing: { retention: { kept: 3, onFinish: 'retain' } },
      savepoints: { directory: 's3://bucket/savepoints' },
    });
    expect(planProgram(job as Parameters<typeof planProgram>[0], {}, 1)).toMatchObject({
      kind: 'plan',
      plan: { retention: { kept: 3, onFinish: 'retain' }, savepointDirectory: 's3://bucket/savepoints' },
    });
  });

  it.each([0, 1.5, 101, '3'])('is refused where %j checkpoints are to be kept', (kept) => {
    expect(() => jobWith({ checkpointing: { retention: { kept: kept as number } } })).toThrow(
      /retention\.kept .* whole number from 1 to 100/,
    );
  });

  it('is refused where an ending neither retains nor deletes', () => {
    expect(() => jobWith({ checkpointing: { retention: { onCancel: 'keep' as 'retain' } } })).toThrow(
      /onCancel .* "retain" or "delete"; found "keep"/,
    );
  });

  it.each(['savepoints', './savepoints', 'gs://bucket', 's3://'])('is refused where savepoints go to %j', (directory) => {
    expect(() => jobWith({ savepoints: { directory } })).toThrow(/savepoints\.directory/);
  });
});
