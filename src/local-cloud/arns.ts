/** The names that things of the embedded cloud have: one account, one region. */
export const region = 'us-east-1';
const account = '000000000000';

export const functionArn = (name: string): string => `arn:aws:lambda:${region}:${account}:function:${name}`;
export const stateMachineArn = (name: string): string => `arn:aws:states:${region}:${account}:stateMachine:${name}`;
export const executionArn = (stateMachineName: string, name: string): string =>
  `arn:aws:states:${region}:${account}:execution:${stateMachineName}:${name}`;
export const expressExecutionArn = (stateMachineName: string, name: string, id: string): string =>
  `arn:aws:states:${region}:${account}:express:${stateMachineName}:${name}:${id}`;

/** A function's name from what callers give: a name or an ARN, with or without a version. */
export function functionNameOf(target: string): string {
  const parts = target.split(':');
  const at = parts.indexOf('function');
  return (at >= 0 ? parts[at + 1] : parts[0]) ?? target;
}
