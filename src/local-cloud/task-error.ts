/**
 * A failure with the name that `Retry` and `Catch` of a workflow go by: what a function threw (its error type), or
 * one of the service's own (`States.Timeout`, `Lambda.TooManyRequestsException`). The message is the state's `Cause`.
 * A `terminal` one ends the execution whatever is caught.
 */
export class TaskError extends Error {
  readonly isRetryable: boolean;
  readonly isCatchable: boolean;

  constructor(name: string, cause: string, severity: 'ordinary' | 'terminal' = 'ordinary') {
    super(cause);
    this.name = name;
    this.isRetryable = severity === 'ordinary';
    this.isCatchable = severity === 'ordinary';
  }

  /** Whatever was thrown, under the name of its class. */
  static of(thrown: unknown): TaskError {
    if (thrown instanceof TaskError) return thrown;
    if (thrown instanceof Error) return new TaskError(thrown.name, thrown.message);
    return new TaskError('States.TaskFailed', String(thrown));
  }
}
