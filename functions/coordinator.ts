import './logging.ts';
import definition from 'weir:job';
import middy from '@middy/core';
import { inLogScope } from '../src/base/log-scope.ts';
import { Coordinator } from '../src/checkpoint/coordinator.ts';
import type { CoordinatorCommand } from '../src/checkpoint/coordinator-command.ts';
import { jobLoader } from '../src/job/job-loader.ts';
import { planProgram } from '../src/job/plan-program.ts';
import { cloudOfEnvironment, levelMsMax } from './environment.ts';

const coordinator = new Coordinator(cloudOfEnvironment(), jobLoader(definition), levelMsMax());

/** The coordinator's steps of a program's workflows, and the plan of what the program would run. */
export const handler = middy(async (event: CoordinatorCommand): Promise<object> => {
  if (event.command === 'plan') return planProgram(definition, event.args, event.parallelism, event.maxParallelisms);
  return await inLogScope({ jobId: event.jobId }, () => coordinator.handle(event));
});
