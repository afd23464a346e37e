import type { FunctionService, Json, WorkflowService } from '../../src/cloud/index.ts';

export type ContractFunction = 'echo' | 'fail' | 'keepToken';

/** A cloud with the functions of fixtures/contract-functions, under test for its two ports. */
export interface WorkflowsUnderTest {
  readonly workflows: WorkflowService;
  readonly functions: FunctionService;
  /** What the function is called by, and what it is called by in a region where there is none such. */
  readonly functionArn: (name: ContractFunction | 'missing') => string;
  /** Makes a Standard workflow; gives what it is started by. */
  readonly define: (name: string, definition: Json) => Promise<string>;
  /** Lets time pass, as it is there. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}
