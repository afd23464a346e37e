/** Stacks of CloudFormation, as far as a resource of theirs has to know. */
export interface StackService {
  /** As the service spells it, such as `UPDATE_ROLLBACK_IN_PROGRESS`; nothing if there is no such stack. */
  statusOf(stackId: string): Promise<string | undefined>;
}

/** Whether a stack with this status is on its way back to what it was. */
export const isGoingBack = (status: string | undefined): boolean => status !== undefined && /(^|_)ROLLBACK_/.test(status);
