import { Duration, NestedStack, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type ControlSetting, placesOf } from './control-setting.ts';
import { allowFunction, functionLogGroup, functionRole, functionRuntime, sourceMapEnvironment, tracingOf } from './function-with-role.ts';
import { deleteObjects, driveJobs, readObjects, readRecords, writeObjects, writeRecords } from './permissions.ts';

export interface JobFunctionsProps {
  readonly setting: ControlSetting;
  /** The bundle of the job with its handlers: a directory. */
  readonly bundle: string;
  readonly deploymentName: string;
  readonly workflowPrefix: string;
  readonly slots: number;
  readonly memorySize: number;
  readonly reservedConcurrency: boolean;
  readonly environment: Readonly<Record<string, string>>;
}

/** A stack holds at most 500 resources, and more than the functions must go into it. */
const slotsPerStack = 100;

/**
 * Slots and coordinator of one deployment, with one role and one log group. CloudFormation doesn't delete them: versions of them
 * may run under a job when a stack goes back or drops a slot, so the upgrade function deletes them when nothing needs them.
 */
export class JobFunctions extends Construct {
  readonly role: Role;
  readonly logGroup: LogGroup;
  readonly slots: readonly LambdaFunction[];
  readonly coordinator: LambdaFunction;
  /** What a version of the functions holds beside its code. */
  readonly configuration: object;

  constructor(scope: Construct, id: string, props: JobFunctionsProps) {
    super(scope, id);
    const { setting } = props;
    this.logGroup = functionLogGroup(this, 'Logs', setting.logRetention);
    this.role = functionRole(this, 'Role', this.logGroup, `Weir: slots and coordinator of deployment ${props.deploymentName}`);
    this.#grant(props);
    // A piece of code belongs to one stack.
    const codes = new Map<Stack, Code>();
    const codeIn = (stack: Stack): Code => {
      const code = codes.get(stack) ?? Code.fromAsset(props.bundle);
      codes.set(stack, code);
      return code;
    };
    const environment = { ...props.environment, WEIR_TABLE: setting.table.tableName, WEIR_DEPLOYMENT: props.deploymentName };
    const make = (into: Construct, name: string, handler: string, timeout: Duration, memorySize: number, concurrency: number) => {
      const made = new LambdaFunction(into, name, {
        ...functionRuntime,
        code: codeIn(Stack.of(into)),
        handler: `${handler}.handler`,
        description: `Weir: ${name.toLowerCase()} of deployment ${props.deploymentName}`,
        role: this.role,
        logGroup: this.logGroup,
        timeout,
        memorySize,
        tracing: tracingOf(setting.tracing),
        environment: { ...environment, ...sourceMapEnvironment },
        ...(props.reservedConcurrency ? { reservedConcurrentExecutions: concurrency } : {}),
      });
      made.applyRemovalPolicy(RemovalPolicy.RETAIN);
      return made;
    };
    this.coordinator = make(this, 'Coordinator', 'coordinator', Duration.seconds(120), 512, 2);
    this.slots = Array.from({ length: props.slots }, (_, slot) =>
      make(this.#stackOf(slot, props.slots), `Slot${slot}`, 'slot', Duration.seconds(310), props.memorySize, 1),
    );
    this.configuration = { environment, memorySize: props.memorySize, tracing: setting.tracing };
  }

  /** Up to a hundred slots stand beside the rest; of more, every hundred have a stack of their own. */
  #stackOf(slot: number, slots: number): Construct {
    if (slots <= slotsPerStack) return this;
    const id = `Slots${Math.floor(slot / slotsPerStack)}`;
    return (this.node.tryFindChild(id) as NestedStack | undefined) ?? new NestedStack(this, id);
  }

  /** Beside this, what sources and sinks need is granted by whoever knows them. */
  #grant({ setting, workflowPrefix }: JobFunctionsProps): void {
    const stack = Stack.of(this);
    const places = placesOf(setting);
    const statements: readonly PolicyStatement[] = [
      readRecords(setting.table),
      writeRecords(setting.table),
      ...readObjects(stack, places),
      writeObjects(stack, places),
      deleteObjects(stack, places),
      ...driveJobs(stack, workflowPrefix),
    ];
    allowFunction(this.role, statements, setting.tracing);
  }
}
