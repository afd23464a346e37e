import type { Json } from './workflow-service.ts';

/** Functions called from outside a workflow: Lambda. */
export interface FunctionService {
  /**
   * Calls and waits for the reply. An error the function threw comes back as WeirError `FUNCTION_FAILED` with the
   * function's error name and message; the call may have had its effect all the same.
   */
  invoke(functionArn: string, payload: Json): Promise<Json>;
}
