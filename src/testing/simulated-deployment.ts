import { WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { Coordinator, type WorkflowCommand } from '../checkpoint/coordinator.ts';
import type { CoordinatorCommand } from '../checkpoint/coordinator-command.ts';
import type { Json } from '../cloud/index.ts';
import { jobLoader } from '../job/job-loader.ts';
import { JobService } from '../job/job-service.ts';
import { planProgram } from '../job/plan-program.ts';
import { type CancelReply, RequestService, type TriggerRequest } from '../job/request-service.ts';
import type { ProgramRef } from '../protocol/job-description.ts';
import { recordKeys } from '../protocol/names.ts';
import type { OperationRecord } from '../protocol/operation.ts';
import { type SlotEvent, slotCommandOf } from '../protocol/slot-event.ts';
import { SlotRuntime } from '../runtime/slot-runtime.ts';
import type { JobDefinition } from '../stream/define-job.ts';
import { type SimulatedCloud, workflowDefinition } from './simulated-cloud.ts';

/** Where the engine keeps what it stores in a simulation. */
export const stateRoot = 's3://simulation/weir';

export const simulatedProgram = (slots: number, name?: string): ProgramRef & { readonly groupWorkflow: string } => {
  const prefix = name === undefined ? '' : `${name}-`;
  return {
    programId: name ?? 'simulated',
    slotFunctions: Array.from({ length: slots }, (_, slot) => `${prefix}slot-${slot}`),
    coordinatorFunction: `${prefix}coordinator`,
    jobWorkflow: `${prefix}job-workflow`,
    checkpointWorkflow: `${prefix}checkpoint-workflow`,
    groupWorkflow: `${prefix}group-workflow`,
  };
};

/** The deployment's `state.savepoints.dir` in a simulation. */
export const savepointDirectory = 's3://simulation/savepoints';

/** The function that the event rule and the sweep call. */
export const supervisorFunction = 'supervisor';

/** The function behind the control API, as far as it asks something of jobs. */
export const controlFunction = 'control';

export type ControlCall =
  | { readonly call: 'trigger'; readonly request: TriggerRequest }
  | { readonly call: 'cancel'; readonly jobId: string }
  | { readonly call: 'operation'; readonly jobId: string; readonly id: string };

export type ControlReply =
  | { readonly kind: 'triggered'; readonly id: string }
  | { readonly kind: 'cancel'; readonly reply: CancelReply }
  | { readonly kind: 'operation'; readonly operation: OperationRecord }
  /** The caller's own fault: asking again would not help. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

/**
 * Puts a program into a simulated cloud: its functions, as their entry points would make them, and its workflows. A cloud
 * may have several, each with a name of its own.
 */
export function deploySimulated(cloud: SimulatedCloud, definition: JobDefinition, slots: number, name?: string): ProgramRef {
  const program = simulatedProgram(slots, name);
  for (const functionArn of program.slotFunctions) defineSlot(cloud, functionArn, definition);
  defineCoordinator(cloud, program.coordinatorFunction, definition);
  defineControl(cloud);
  const placeholders = {
    CoordinatorFunctionArn: program.coordinatorFunction,
    CheckpointWorkflowArn: program.checkpointWorkflow,
    GroupWorkflowArn: program.groupWorkflow,
  };
  cloud.workflows.define(program.jobWorkflow, workflowDefinition('job', placeholders));
  cloud.workflows.define(program.checkpointWorkflow, workflowDefinition('checkpoint', placeholders));
  cloud.workflows.define(program.groupWorkflow, workflowDefinition('group', placeholders));
  cloud.records.place(recordKeys.program(program.programId), { ...program });
  return program;
}

/** What watches over all jobs, and what asks something of them from outside. */
export function defineControl(cloud: SimulatedCloud): void {
  cloud.functions.define({
    functionArn: supervisorFunction,
    timeLimitMs: limits.coordinatorMsMax,
    start(environment) {
      const jobs = new JobService(cloud.for(environment), { stateRoot });
      return async () => (await jobs.supervise()) as unknown as Json;
    },
  });
  cloud.functions.define({
    functionArn: controlFunction,
    timeLimitMs: limits.coordinatorMsMax,
    start(environment) {
      const requests = new RequestService(cloud.for(environment), { savepointDirectory });
      return async (event) => (await control(requests, event as unknown as ControlCall)) as unknown as Json;
    },
  });
}

/** A slot function, as its entry point would make it. */
export function defineSlot(cloud: SimulatedCloud, functionArn: string, definition: JobDefinition): void {
  cloud.functions.define({
    functionArn,
    timeLimitMs: limits.prepareMsMax,
    start(environment) {
      const runtime = new SlotRuntime(cloud.for(environment), jobLoader(definition), { freeze: 'all' });
      return async (event) => (await runtime.handle(slotCommandOf(event as unknown as SlotEvent))) as unknown as Json;
    },
  });
}

/** A coordinator function, as its entry point would make it. */
export function defineCoordinator(cloud: SimulatedCloud, functionArn: string, definition: JobDefinition): void {
  cloud.functions.define({
    functionArn,
    timeLimitMs: limits.prepareMsMax,
    start(environment) {
      const coordinator = new Coordinator(cloud.for(environment), jobLoader(definition));
      return async (event) => (await coordinate(coordinator, definition, event as unknown as CoordinatorCommand)) as Json;
    },
  });
}

async function control(requests: RequestService, event: ControlCall): Promise<ControlReply> {
  try {
    switch (event.call) {
      case 'trigger':
        return { kind: 'triggered', ...(await requests.trigger(event.request)) };
      case 'cancel':
        return { kind: 'cancel', reply: await requests.cancel(event.jobId) };
      case 'operation':
        return { kind: 'operation', operation: await requests.operation(event.jobId, event.id) };
    }
  } catch (error) {
    if (WeirError.is(error) && error.domain === 'user') return { kind: 'refused', code: error.code, message: error.message };
    throw error;
  }
}

async function coordinate(coordinator: Coordinator, definition: JobDefinition, command: CoordinatorCommand): Promise<object> {
  if (command.command === 'plan') return planProgram(definition, command.args, command.parallelism, command.maxParallelisms);
  return await coordinator.handle(command as WorkflowCommand);
}
