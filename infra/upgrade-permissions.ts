import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { onPrograms } from './control-function.ts';
import { type ControlSetting, placesOf } from './control-setting.ts';
import { deleteObjects, driveJobs, readObjects, readRecords, stateMachinesArn, writeObjects, writeRecords } from './permissions.ts';
import { workflowRolesPath } from './workflow-role.ts';

/** What carries operations of deployments on: publishes programs and takes them away, stops jobs and begins them. */
export function upgradePermissions(setting: ControlSetting): PolicyStatement[] {
  const { stack, table, workflowPrefix } = setting;
  const places = placesOf(setting);
  const roles = (path: string): string => `arn:${stack.partition}:iam::${stack.account}:role${path}*`;
  const permit = onPrograms(setting, ['lambda:AddPermission']);
  // To workflows of this plane, and to nobody else.
  permit.addConditions({ StringLike: { 'lambda:Principal': roles(workflowRolesPath(setting)) } });
  return [
    readRecords(table),
    writeRecords(table),
    ...readObjects(stack, places),
    writeObjects(stack, places),
    deleteObjects(stack, places),
    ...driveJobs(stack, workflowPrefix),
    new PolicyStatement({
      actions: ['states:CreateStateMachine', 'states:DeleteStateMachine'],
      resources: [stateMachinesArn(stack, workflowPrefix)],
    }),
    new PolicyStatement({
      actions: ['iam:PassRole'],
      resources: [roles(workflowRolesPath(setting))],
      conditions: { StringEquals: { 'iam:PassedToService': 'states.amazonaws.com' } },
    }),
    onPrograms(setting, ['lambda:InvokeFunction', 'lambda:GetFunctionConfiguration', 'lambda:PublishVersion', 'lambda:DeleteFunction']),
    permit,
  ];
}
