/** Plain JSON, as workflow payloads are. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [field: string]: Json | undefined };

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/**
 * Durable workflows: Step Functions.
 *
 * Contract:
 * 1. An execution's name is used once: a second start under it does nothing and answers `exists`, or, while the first
 *    runs on the same input, perhaps `started` once more (Step Functions doesn't tell a repeat from the first call).
 * 2. A task token is good until its task ends; then sending to it answers `gone`.
 * 3. Payloads are JSON of at most `limits.workflowPayloadBytesMax`.
 */
export interface WorkflowService {
  start(workflowArn: string, executionName: string, input: Json): Promise<'started' | 'exists'>;
  /** Nothing if no such execution is known (any more). */
  status(workflowArn: string, executionName: string): Promise<ExecutionStatus | undefined>;
  /** Ends the task that waits on this token, with `output` as its result. */
  sendTaskSuccess(taskToken: string, output: Json): Promise<'sent' | 'gone'>;
  /** Ending what has ended is success. */
  stop(workflowArn: string, executionName: string, cause: string): Promise<void>;
}
