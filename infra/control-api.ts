import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  AuthorizationType,
  EndpointType,
  type IAuthorizer,
  type IResource,
  LambdaIntegration,
  LogGroupLogDestination,
  type MethodOptions,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { IVpcEndpoint } from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeAwsPolicy } from './acknowledge.ts';
import { addGatewayResponses } from './gateway-responses.ts';
import { groupedRoutes, type RouteGroup } from './route-group.ts';

export interface ControlApiProps {
  readonly functions: Readonly<Record<RouteGroup, IFunction>>;
  readonly auth: 'iam' | 'token' | 'none';
  /** With `auth: 'token'`. */
  readonly authorizer?: IAuthorizer | undefined;
  /** Only from these endpoints of VPCs; left out: from the internet. */
  readonly vpcEndpoints?: readonly IVpcEndpoint[] | undefined;
  readonly throttling: { readonly rateLimit: number; readonly burstLimit: number };
  readonly logRetention: RetentionDays;
  readonly tracing: boolean;
  readonly cloudWatchRole: boolean;
}

/** `https://<id>.execute-api.<region>.amazonaws.com/v1`: Flink's client asks for /v1/..., so host and port are enough for it. */
const stageName = 'v1';

/**
 * The REST API, made from the table of routes: each route at its path and at /v1 and its path, each method with the function of
 * its group. What is no route is answered by the queries' function, with 404.
 */
export class ControlApi extends Construct {
  readonly restApi: RestApi;

  constructor(scope: Construct, id: string, props: ControlApiProps) {
    super(scope, id);
    this.restApi = this.#makeApi(props);
    addGatewayResponses(this.restApi, props.auth);
    const method: MethodOptions = methodOptionsOf(props);
    const integrations = Object.fromEntries(
      Object.entries(props.functions).map(([group, handler]) => [
        group,
        new LambdaIntegration(handler, { scopePermissionToMethod: false }),
      ]),
    );
    for (const root of [this.restApi.root, this.restApi.root.addResource('v1')]) {
      for (const route of groupedRoutes) resourceAt(root, route.path).addMethod(route.method, integrations[route.group], method);
    }
    resourceAt(this.restApi.root, '/{path+}').addMethod('ANY', integrations['queries'], method);
    acknowledge(this.restApi, 'COG4', 'Callers are programs: IAM, or a token, says who they are; Cognito is for people.');
    acknowledge(
      this.restApi,
      'APIG2',
      'Bodies and paths are checked by the schemas of the route table, which say more than the gateway can.',
    );
    acknowledge(this.restApi, 'APIG3', 'A web ACL is for the account to choose; the API asks who calls, and throttles.');
    acknowledge(
      this.restApi,
      'APIG6',
      'The access log says what was asked and answered; execution logs would hold what travels in headers.',
    );
    acknowledgeAwsPolicy(
      this.restApi,
      'AmazonAPIGatewayPushToCloudWatchLogs',
      'The policy that AWS has for the one role by which API Gateway writes logs.',
    );
    // "none" is spelled out by whoever wants it, for tests and private APIs.
    if (props.auth === 'none') acknowledge(this.restApi, 'APIG4', 'Asked for by auth: none.');
  }

  #makeApi({ vpcEndpoints, throttling, logRetention, tracing, cloudWatchRole }: ControlApiProps): RestApi {
    const logs = new LogGroup(this, 'AccessLogs', { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY });
    return new RestApi(this, 'Api', {
      description: 'Weir: jobs, checkpoints and savepoints',
      // An edge endpoint answers 403 to requests of GET with a body, and Flink's client sends such.
      ...(vpcEndpoints === undefined
        ? { endpointConfiguration: { types: [EndpointType.REGIONAL] } }
        : { endpointConfiguration: { types: [EndpointType.PRIVATE], vpcEndpoints: [...vpcEndpoints] }, policy: onlyFrom(vpcEndpoints) }),
      cloudWatchRole,
      deployOptions: {
        stageName,
        throttlingRateLimit: throttling.rateLimit,
        throttlingBurstLimit: throttling.burstLimit,
        tracingEnabled: tracing,
        accessLogDestination: new LogGroupLogDestination(logs),
        accessLogFormat,
      },
    });
  }
}

/** Neither headers nor queries nor bodies: paths hold ids only, and what is secret travels in none of these fields. */
const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    time: AccessLogField.contextRequestTime(),
    method: AccessLogField.contextHttpMethod(),
    resource: AccessLogField.contextResourcePath(),
    path: AccessLogField.contextPath(),
    status: AccessLogField.contextStatus(),
    latencyMs: AccessLogField.contextResponseLatency(),
    responseBytes: AccessLogField.contextResponseLength(),
    caller: AccessLogField.contextIdentityUserArn(),
    sourceIp: AccessLogField.contextIdentitySourceIp(),
    error: AccessLogField.contextErrorResponseType(),
  }),
);

function methodOptionsOf({ auth, authorizer }: ControlApiProps): MethodOptions {
  switch (auth) {
    case 'iam':
      return { authorizationType: AuthorizationType.IAM };
    case 'token':
      return { authorizationType: AuthorizationType.CUSTOM, ...(authorizer === undefined ? {} : { authorizer }) };
    case 'none':
      return { authorizationType: AuthorizationType.NONE };
  }
}

/** `/jobs/:jobid/stop`, below `root`, is `/jobs/{jobid}/stop` for the gateway. */
function resourceAt(root: IResource, path: string): IResource {
  return path
    .split('/')
    .filter((part) => part !== '')
    .map((part) => part.replace(/^:(.*)$/, '{$1}'))
    .reduce((parent, part) => parent.getResource(part) ?? parent.addResource(part), root);
}

function onlyFrom(vpcEndpoints: readonly IVpcEndpoint[]): PolicyDocument {
  // So the gateway calls "this API" in its own policy.
  const resources = ['execute-api:/*'];
  const ids = vpcEndpoints.map((endpoint) => endpoint.vpcEndpointId);
  const statement = (effect: Effect, conditions: Record<string, unknown>): PolicyStatement =>
    new PolicyStatement({ effect, principals: [new AnyPrincipal()], actions: ['execute-api:Invoke'], resources, conditions });
  return new PolicyDocument({
    statements: [statement(Effect.ALLOW, {}), statement(Effect.DENY, { StringNotEquals: { 'aws:SourceVpce': ids } })],
  });
}
