export type { FunctionLogLine } from './function-environment.ts';
export type { FunctionDefinition } from './hosted-function.ts';
export type { LocalCloud, LocalCloudOptions } from './local-cloud.ts';
export { startLocalCloud } from './local-cloud.ts';
export type { ExecutionRecord } from './workflows.ts';
