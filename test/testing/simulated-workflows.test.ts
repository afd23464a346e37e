import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/cloud/index.ts';
import { type FaultPlan, noFaults } from '../../src/testing/faults.ts';
import { SimulatedCloud, workflowDefinition } from '../../src/testing/simulated-cloud.ts';

const callWorker = {
  StartAt: 'Call',
  States: {
    Call: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      TimeoutSeconds: 60,
      Parameters: { FunctionName: 'worker', Payload: { 'who.$': '$$.Execution.Name' } },
      OutputPath: '$.Payload',
      End: true,
    },
  },
};

const runChild = {
  StartAt: 'Run',
  States: {
    Run: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:sfn:startSyncExecution',
      TimeoutSeconds: 300,
      Parameters: { StateMachineArn: 'child', Input: '{}' },
      End: true,
    },
  },
};

function world(faults: FaultPlan = noFaults) {
  const cloud = new SimulatedCloud({ faults });
  const seen: Json[] = [];
  cloud.functions.define({
    functionArn: 'worker',
    timeLimitMs: 300_000,
    start: () => async (payload) => {
      seen.push(payload);
      return {};
    },
  });
  cloud.workflows.define('parent', runChild);
  cloud.workflows.define('child', callWorker);
  const ended: string[] = [];
  cloud.workflows.onEnded((name) => ended.push(name));
  return { cloud, seen, ended, workflows: cloud.for().workflows };
}

describe('simulated workflows', () => {
  it('start an execution once under a name', async () => {
    const { cloud, seen, ended, workflows } = world();
    expect(await workflows.start('child', 'one', {})).toBe('started');
    expect(await workflows.start('child', 'one', {})).toBe('exists');
    expect(await workflows.status('child', 'one')).toBe('RUNNING');
    await cloud.clock.sleep(10_000);
    expect(await workflows.status('child', 'one')).toBe('SUCCEEDED');
    expect(await workflows.status('child', 'two')).toBeUndefined();
    expect(seen).toEqual([{ who: 'one' }]);
    expect(ended).toEqual(['one']);
  });

  it('run a nested workflow to its end', async () => {
    const { cloud, seen, workflows } = world();
    await workflows.start('parent', 'one', {});
    await cloud.clock.sleep(10_000);
    expect(await workflows.status('parent', 'one')).toBe('SUCCEEDED');
    expect(seen).toEqual([{ who: 'express-0' }]);
  });

  it('run a doubled nested workflow twice at once', async () => {
    const { cloud, seen, workflows } = world((call) =>
      call.operation === 'workflows.startSyncExecution' ? { kind: 'doubled' } : undefined,
    );
    await workflows.start('parent', 'one', {});
    await cloud.clock.sleep(10_000);
    expect(seen).toEqual([{ who: 'express-0' }, { who: 'express-1' }]);
  });

  it('tell of a lost execution, while what it started goes on', async () => {
    const { cloud, seen, ended, workflows } = world((call) =>
      call.operation === 'workflows.startSyncExecution' ? { kind: 'loseExecution' } : undefined,
    );
    await workflows.start('parent', 'one', {});
    await cloud.clock.sleep(10_000);
    expect(await workflows.status('parent', 'one')).toBe('ABORTED');
    expect(ended).toEqual(['one']);
    expect(seen).toHaveLength(1);
  });

  it('answer gone to a task token that nobody waits on', async () => {
    const { workflows } = world();
    expect(await workflows.sendTaskSuccess('00', {})).toBe('gone');
  });

  it('are read from the definitions that are deployed', () => {
    const definition = JSON.stringify(
      workflowDefinition('job', {
        CoordinatorFunctionArn: 'coordinator',
        CheckpointWorkflowArn: 'checkpoints',
        GroupWorkflowArn: 'groups',
      }),
    );
    expect(definition).toContain('"coordinator"');
    expect(definition).not.toContain('${');
  });
});
