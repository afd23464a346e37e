import type { Duration } from 'aws-cdk-lib';
import { RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from './acknowledge.ts';

export interface FunctionWithRoleProps {
  readonly directory: string;
  /** File and export: `upgrade.onEvent`. */
  readonly handler: string;
  readonly description: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly statements: readonly PolicyStatement[];
  readonly timeout: Duration;
  readonly memorySize: number;
  readonly logRetention: RetentionDays;
  readonly tracing: boolean;
}

/** What all functions of ours have in common. */
export const functionRuntime = { runtime: Runtime.NODEJS_24_X, architecture: Architecture.ARM_64 } as const;
export const sourceMapEnvironment = { NODE_OPTIONS: '--enable-source-maps' } as const;
export const tracingOf = (isWanted: boolean): Tracing => (isWanted ? Tracing.ACTIVE : Tracing.DISABLED);

/** A role that may write to one log group, instead of AWS's policy, which may write to all. */
export function functionRole(scope: Construct, id: string, logGroup: LogGroup, description: string): Role {
  const role = new Role(scope, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com'), description });
  logGroup.grantWrite(role);
  return role;
}

export const functionLogGroup = (scope: Construct, id: string, retention: RetentionDays): LogGroup =>
  new LogGroup(scope, id, { retention, removalPolicy: RemovalPolicy.DESTROY });

/** What `tracing` makes AWS CDK grant: X-Ray has no resources. */
const trace = new PolicyStatement({ actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], resources: ['*'] });

export function allowFunction(role: Role, statements: readonly PolicyStatement[], tracing: boolean): void {
  for (const statement of statements) role.addToPolicy(statement);
  acknowledgeWildcards(role, tracing ? [...statements, trace] : statements);
}

/** A function with log group and role of its own. */
export function functionWithRole(scope: Construct, id: string, props: FunctionWithRoleProps): LambdaFunction {
  const logGroup = functionLogGroup(scope, `${id}Logs`, props.logRetention);
  const role = functionRole(scope, `${id}Role`, logGroup, `Of a function: ${props.description}`);
  allowFunction(role, props.statements, props.tracing);
  return new LambdaFunction(scope, id, {
    ...functionRuntime,
    code: Code.fromAsset(props.directory),
    handler: props.handler,
    description: props.description,
    environment: { ...props.environment, ...sourceMapEnvironment },
    role,
    logGroup,
    timeout: props.timeout,
    memorySize: props.memorySize,
    tracing: tracingOf(props.tracing),
  });
}
