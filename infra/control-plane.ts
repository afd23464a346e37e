import { CfnOutput, Duration, Names, Stack, Tags } from 'aws-cdk-lib';
import { type RestApi, TokenAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IVpcEndpoint } from 'aws-cdk-lib/aws-ec2';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { type Grant, Grant as Grants, type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { WeirError } from '../src/base/errors.ts';
import { acknowledge } from './acknowledge.ts';
import { bundlesDirectory } from './bundles-directory.ts';
import { ControlApi } from './control-api.ts';
import { apiTimeout, controlFunction } from './control-function.ts';
import { ControlFunctions } from './control-functions.ts';
import type { ControlSetting } from './control-setting.ts';
import { invokeArns } from './invoke-arns.ts';
import { PlaneDashboard } from './plane-dashboard.ts';
import { PreflightProvider } from './preflight-provider.ts';
import type { RouteGroup } from './route-group.ts';
import { type BucketRef, StateStorage, type TableRef } from './state-storage.ts';
import { placeOf, uriOf } from './storage-place.ts';
import { UpgradeProvider } from './upgrade-provider.ts';

/** Who may call the REST API: whoever IAM allows it to, whoever has the token, or everybody who reaches it. */
export type ControlPlaneAuth = 'iam' | 'token' | 'none';

/** A secret by its ARN: any `ISecret`. */
export interface SecretRef {
  readonly secretArn: string;
}

export interface ControlPlaneProps {
  /**
   * Where savepoints go that name no directory: Flink's `state.savepoints.dir`, as `s3://bucket/prefix`. The functions may read
   * and write there. Default: `savepoints` in the plane's own bucket.
   */
  readonly savepointsDir?: string;
  /** Further places, as `s3://bucket/prefix`, below which clients may name paths of savepoints. Default: none. */
  readonly savepointPrefixes?: readonly string[];
  /**
   * `iam`, the default: requests are signed. `token`: the header `Authorization: Bearer <token>`, for clients that can't sign,
   * Flink's among them. `none`: whoever reaches the API may do everything; for tests, and private APIs.
   */
  readonly auth?: ControlPlaneAuth;
  /** With `auth: 'token'`: the secret whose value is the token. Default: a new one, with 48 random letters and digits. */
  readonly tokenSecret?: SecretRef;
  /** Makes the API private: it is reached from these endpoints (of `execute-api`) and from nowhere else. Default: from the internet. */
  readonly vpcEndpoints?: readonly IVpcEndpoint[];
  /** Takes over a table, such as one that an earlier stack left. Default: a new one, retained when the stack goes. */
  readonly table?: TableRef;
  /** Takes over a bucket, with what `statePrefix` names in it. Default: a new one, retained when the stack goes. */
  readonly bucket?: BucketRef;
  /** What keys of state begin with. Default: `weir`. */
  readonly statePrefix?: string;
  /** How long what was deleted or replaced in the new bucket can be brought back. Default: 3 days. */
  readonly noncurrentVersionExpiration?: Duration;
  /** Of all functions' logs and the API's access log. Default: a month. */
  readonly logRetention?: RetentionDays;
  /** X-Ray, in functions and API. Default: off. */
  readonly tracing?: boolean;
  /** Requests to the API per second, and at once. Default: 50 and 100. */
  readonly throttling?: { readonly rateLimit: number; readonly burstLimit: number };
  /** How often jobs are looked after, beside the events that say that one has lost its driver; whole minutes. Default: 1 minute. */
  readonly sweepInterval?: Duration;
  /**
   * What the names of state machines begin with, 1 to 7 letters and digits. Default: `weir`. Give each plane of one account and
   * region its own, and the functions of one may not touch workflows of the other.
   */
  readonly workflowPrefix?: string;
  /** A CloudWatch dashboard with a row per deployment. Three are free in an account. Default: true. */
  readonly dashboard?: boolean;
  /** Sets the role by which API Gateway writes logs, once for the whole account and region. Default: true; false where it is set. */
  readonly cloudWatchRole?: boolean;
}

/** What all jobs of a stage share: where state is kept, the REST API, and what looks after jobs. */
export class ControlPlane extends Construct implements ControlSetting {
  readonly stack: Stack;
  readonly table: ITable;
  readonly bucket: IBucket;
  readonly stateRoot: ControlSetting['stateRoot'];
  readonly savepointsDir: ControlSetting['savepointsDir'];
  readonly savepointPlaces: ControlSetting['savepointPlaces'];
  readonly workflowPrefix: string;
  readonly tag: ControlSetting['tag'];
  readonly bundlesDirectory: string;
  readonly logRetention: RetentionDays;
  readonly tracing: boolean;
  readonly restApi: RestApi;
  /** With `auth: 'token'`: what holds the token. */
  readonly tokenSecret: SecretRef | undefined;
  /** Of the provider behind the custom resource of every deployment. */
  readonly upgradeServiceToken: string;
  /** Of the provider that looks at the account's limits before a deployment. */
  readonly preflightServiceToken: string;
  /** What the schedules of savepoints call. */
  readonly scheduledSavepoint: IFunction;
  readonly #dashboard: PlaneDashboard | undefined;

  constructor(scope: Construct, id: string, props: ControlPlaneProps = {}) {
    super(scope, id);
    const { statePrefix = 'weir', auth = 'iam' } = props;
    this.stack = Stack.of(this);
    const storage = new StateStorage(this, 'Storage', {
      table: props.table,
      bucket: props.bucket,
      statePrefix,
      noncurrentVersionExpiration: props.noncurrentVersionExpiration ?? Duration.days(3),
    });
    this.table = storage.table;
    this.bucket = storage.bucket;
    this.stateRoot = { bucketName: storage.bucket.bucketName, prefix: statePrefix };
    this.savepointsDir =
      props.savepointsDir === undefined ? { bucketName: storage.bucket.bucketName, prefix: 'savepoints' } : placeOf(props.savepointsDir);
    this.savepointPlaces = (props.savepointPrefixes ?? []).map(placeOf);
    this.workflowPrefix = checkedPrefix(props.workflowPrefix ?? 'weir');
    this.tag = { name: 'weir:control-plane', value: Names.uniqueResourceName(this, { maxLength: 64, separator: '-' }) };
    this.bundlesDirectory = bundlesDirectory(this);
    this.logRetention = props.logRetention ?? RetentionDays.ONE_MONTH;
    this.tracing = props.tracing ?? false;
    Tags.of(this).add(this.tag.name, this.tag.value);

    const functions = new ControlFunctions(this, 'Functions', this);
    this.scheduledSavepoint = functions.scheduledSavepoint;
    this.#superviseBy(functions.supervise, props.sweepInterval ?? Duration.minutes(1));
    this.upgradeServiceToken = new UpgradeProvider(this, 'Upgrade', this).serviceToken;
    this.preflightServiceToken = new PreflightProvider(this, 'Preflight', this).serviceToken;
    this.tokenSecret = auth === 'token' ? (props.tokenSecret ?? this.#makeSecret()) : undefined;
    this.restApi = new ControlApi(this, 'ControlApi', {
      functions: functions.api,
      auth,
      authorizer: this.tokenSecret === undefined ? undefined : this.#authorizer(this.tokenSecret),
      vpcEndpoints: props.vpcEndpoints,
      throttling: props.throttling ?? { rateLimit: 50, burstLimit: 100 },
      logRetention: this.logRetention,
      tracing: this.tracing,
      cloudWatchRole: props.cloudWatchRole ?? true,
    }).restApi;
    this.#dashboard =
      props.dashboard === false
        ? undefined
        : new PlaneDashboard(this, 'Dashboard', { restApi: this.restApi, supervise: functions.supervise });
    this.#outputs();
  }

  /** Gives a deployment its row of the dashboard; jobs do that themselves. */
  showDeployment(deploymentName: string): void {
    this.#dashboard?.addDeployment(deploymentName);
  }

  /** For `weir --endpoint`. */
  get endpoint(): string {
    return this.restApi.url;
  }

  /** Lets call the routes of these groups, by default all; with `auth: 'iam'`. */
  grantInvokeApi(grantee: IGrantable, ...groups: readonly RouteGroup[]): Grant {
    return Grants.addToPrincipal({ grantee, actions: ['execute-api:Invoke'], resourceArns: invokeArns(this.restApi, groups) });
  }

  /** Lets look at jobs, checkpoints and savepoints, and change nothing. */
  grantRead(grantee: IGrantable): Grant {
    return this.grantInvokeApi(grantee, 'queries');
  }

  /** Lets look at, start, stop and cancel jobs and take savepoints, but delete none. */
  grantControl(grantee: IGrantable): Grant {
    return this.grantInvokeApi(grantee, 'queries', 'trigger', 'cancel', 'run');
  }

  /** Runs when a driver's execution ends, whatever ended it, and by the clock, since an event can get lost. */
  #superviseBy(supervise: IFunction, every: Duration): void {
    new Rule(this, 'DriverEnded', {
      description: 'Weir: a job whose driver has ended gets another',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          status: ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'],
          stateMachineArn: [{ prefix: this.stack.formatArn({ service: 'states', resource: `stateMachine:${this.workflowPrefix}-` }) }],
        },
      },
      targets: [new LambdaTarget(supervise, { retryAttempts: 2 })],
    });
    new Rule(this, 'Sweep', {
      description: 'Weir: looks after all jobs',
      schedule: Schedule.rate(every),
      targets: [new LambdaTarget(supervise, { retryAttempts: 0, event: RuleTargetInput.fromObject({ kind: 'sweep' }) })],
    });
  }

  #makeSecret(): Secret {
    const secret = new Secret(this, 'Token', {
      description: 'Weir: whoever has this may call the control API',
      generateSecretString: { passwordLength: 48, excludePunctuation: true },
    });
    acknowledge(secret, 'SMG4', 'Clients have the token from here: a new one by the clock would lock them out.');
    return secret;
  }

  #authorizer(secret: SecretRef): TokenAuthorizer {
    const read = new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secret.secretArn] });
    const handler = controlFunction(this, 'Authorizer', this, {
      handler: 'authorizer',
      description: 'lets in whoever has the token',
      statements: [read],
      timeout: apiTimeout,
      environment: { WEIR_TOKEN_SECRET_ARN: secret.secretArn },
    });
    return new TokenAuthorizer(this, 'TokenAuthorizer', { handler, resultsCacheTtl: Duration.minutes(5) });
  }

  #outputs(): void {
    new CfnOutput(this, 'Endpoint', { value: this.endpoint, description: 'For weir --endpoint' });
    new CfnOutput(this, 'RetainedTable', { value: this.table.tableName, description: 'Stays when the stack is deleted' });
    new CfnOutput(this, 'RetainedBucket', { value: this.bucket.bucketName, description: 'Stays when the stack is deleted' });
    new CfnOutput(this, 'SavepointsDir', { value: uriOf(this.savepointsDir), description: 'Where savepoints go that name no directory' });
    if (this.tokenSecret !== undefined) {
      new CfnOutput(this, 'TokenSecret', { value: this.tokenSecret.secretArn, description: 'Holds the token of the control API' });
    }
  }
}

/** Names of state machines have at most 80 characters, most of them the deployment's. */
function checkedPrefix(prefix: string): string {
  if (/^[A-Za-z0-9]{1,7}$/.test(prefix)) return prefix;
  throw new WeirError({
    code: 'INVALID_OPTION',
    domain: 'user',
    message: `ControlPlane: workflowPrefix should be 1 to 7 letters and digits, but is ${JSON.stringify(prefix)}.`,
  });
}
