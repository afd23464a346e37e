import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { apiTimeout, controlFunction, onPrograms, stepTimeout } from './control-function.ts';
import { type ControlSetting, placesOf } from './control-setting.ts';
import { deleteObjects, driveJobs, readObjects, readRecords, writeObjects, writeRecords } from './permissions.ts';
import type { RouteGroup } from './route-group.ts';

/** The functions of a control plane that are not about deployments' upgrades, each with what it needs and no more. */
export class ControlFunctions extends Construct {
  readonly api: Readonly<Record<RouteGroup, LambdaFunction>>;
  readonly supervise: LambdaFunction;
  readonly scheduledSavepoint: LambdaFunction;

  constructor(scope: Construct, id: string, setting: ControlSetting) {
    super(scope, id);
    const { stack, table, workflowPrefix } = setting;
    const places = placesOf(setting);
    const read = (): PolicyStatement[] => [readRecords(table), ...readObjects(stack, places)];
    const drive = (): PolicyStatement[] => [writeRecords(table), ...driveJobs(stack, workflowPrefix)];
    const store = (): PolicyStatement => writeObjects(stack, places);
    const remove = (): PolicyStatement => deleteObjects(stack, places);
    const api = (group: RouteGroup, description: string, statements: readonly PolicyStatement[]): LambdaFunction =>
      controlFunction(this, `api-${group}`, setting, { handler: `api-${group}`, description, statements, timeout: apiTimeout });

    this.api = {
      queries: api('queries', 'reads jobs, checkpoints and savepoints', read()),
      trigger: api('trigger', 'asks jobs for savepoints, checkpoints and stops', [...read(), ...drive(), store()]),
      cancel: api('cancel', 'cancels jobs', [...read(), ...drive()]),
      run: api('run', 'plans and starts jobs', [...read(), ...drive(), store(), onPrograms(setting, ['lambda:InvokeFunction'])]),
      dispose: api('dispose', 'disposes of, copies and collects what is stored', [...read(), writeRecords(table), store(), remove()]),
    };
    this.supervise = controlFunction(this, 'supervise', setting, {
      handler: 'supervise',
      description: 'brings back drivers of jobs, and carries on scheduled savepoints',
      statements: [...read(), ...drive(), store(), remove()],
      timeout: stepTimeout,
    });
    this.scheduledSavepoint = controlFunction(this, 'scheduled-savepoint', setting, {
      handler: 'scheduled-savepoint',
      description: 'takes a savepoint of a deployment, and disposes of old ones',
      statements: [...read(), ...drive(), store(), remove()],
      timeout: stepTimeout,
    });
  }
}
