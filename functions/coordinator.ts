import './logging.ts';
import definition from 'weir:job';
import middy from '@middy/core';
import { inLogScope } from '../src/base/log-scope.ts';
import { Coordinator } from '../src/checkpoint/coordinator.ts';
import type { CoordinatorCommand } from '../src/checkpoint/coordinator-command.ts';
import { jobLoader } from '../src/job/job-loader.ts';
import { planProgram } from '../src/job/plan-program.ts';
import { deploymentOfEnvironment, levelMsMax, loadedCloudOfEnvironment } from './environment.ts';
import { jobEvents } from './job-events.ts';
import { coordinatorCommandOf } from './workflow-event.ts';

const deployment = deploymentOfEnvironment();
const coordinator = new Coordinator(await loadedCloudOfEnvironment(), jobLoader(definition), {
  levelMsMax: levelMsMax(),
  ...(deployment === undefined ? {} : { observer: jobEvents(deployment, (line) => void process.stdout.write(`${line}\n`)) }),
});

/**
 * The coordinator's steps of a program's workflows, which are open generation, inject barrier, complete checkpoint, abort
 * checkpoint, seal level, sum up, commit effects, park and hand over; and the plan of what the program would run.
 */
export const handler = middy<unknown, object>()
  .before((request) => {
    request.event = coordinatorCommandOf(request.event);
  })
  .handler(async (event) => {
    const command = event as CoordinatorCommand;
    if (command.command === 'plan') return planProgram(definition, command.args, command.parallelism, command.maxParallelisms);
    const { jobId } = command;
    const { checkpoint, attempt } = { checkpoint: undefined, attempt: undefined, ...command };
    const origin = { jobId, ...(checkpoint === undefined ? {} : { checkpoint }), ...(attempt === undefined ? {} : { attempt }) };
    return await inLogScope(origin, () => coordinator.handle(command));
  });
