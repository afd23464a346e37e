/** A workflow as it is created. */
export interface WorkflowDefinition {
  /** At most 80 letters, digits, hyphens and underscores. */
  readonly name: string;
  readonly type: 'STANDARD' | 'EXPRESS';
  /** States Language, with its placeholders filled. */
  readonly definition: string;
  readonly role: string;
}

/**
 * Workflows that are made and taken away, and never changed.
 *
 * Contract:
 * 1. Creating the same again is success, and gives the same ARN. Another definition under a name that is taken is an error.
 * 2. `deleting`: one of this name is on its way out; ask again.
 * 3. Executions that run when their workflow is deleted go on. Deleting what is not there is success.
 */
export interface WorkflowPublisher {
  create(workflow: WorkflowDefinition): Promise<{ readonly kind: 'created'; readonly workflowArn: string } | { readonly kind: 'deleting' }>;
  delete(workflowArn: string): Promise<void>;
}
