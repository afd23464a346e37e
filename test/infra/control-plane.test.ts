// Catches: a route that the gateway does not have, an answer of the gateway's own in another shape, an API that is open though
// nobody asked for it, state that goes with its stack.

import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { InterfaceVpcEndpoint } from 'aws-cdk-lib/aws-ec2';
import { AccountPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { ControlPlane } from '../../infra/index.ts';
import { routes } from '../../src/control-api/routes.ts';
import { makeStack, type Resource, resourcesOf, synthesize, testStack } from './synthesize.ts';

/** `GET /jobs/{jobid}` of every method, with the function that answers. */
function methodsOf(template: Template): ReadonlyMap<string, Resource> {
  const resources = resourcesOf(template, 'AWS::ApiGateway::Resource');
  const pathOf = (id: unknown): string => {
    if (typeof id !== 'object' || id === null || !('Ref' in id)) return '';
    const { Properties } = resources[String(id.Ref)]!;
    return `${pathOf(Properties['ParentId'])}/${String(Properties['PathPart'])}`;
  };
  const methods = Object.values(resourcesOf(template, 'AWS::ApiGateway::Method'));
  return new Map(methods.map((each) => [`${String(each.Properties['HttpMethod'])} ${pathOf(each.Properties['ResourceId'])}`, each]));
}

describe('the API of a control plane', () => {
  let template: Template;
  let methods: ReadonlyMap<string, Resource>;
  beforeAll(() => {
    ({ template } = synthesize());
    methods = methodsOf(template);
  });

  test('has every route, with and without /v1, answered by the function of its group', () => {
    const wanted = Object.values(routes).flatMap(({ method, path, group }) =>
      ['', '/v1'].map((prefix) => [`${method} ${prefix}${path.replaceAll(/:(\w+)/g, '{$1}')}`, group] as const),
    );
    expect(new Set(methods.keys())).toEqual(new Set(['ANY /{path+}', ...wanted.map(([name]) => name)]));
    for (const [name, group] of wanted) {
      expect(JSON.stringify(methods.get(name)?.Properties['Integration']), name).toMatch(
        new RegExp(`PlaneFunctionsapi${group}[0-9A-F]{8}`),
      );
    }
  });

  test('asks IAM who calls, whatever is asked for', () => {
    for (const [name, { Properties }] of methods) expect(Properties['AuthorizationType'], name).toBe('AWS_IAM');
  });

  test('is regional, called v1, and throttled, with a log of requests that holds no headers, queries or bodies', () => {
    template.hasResourceProperties('AWS::ApiGateway::RestApi', { EndpointConfiguration: { Types: ['REGIONAL'] } });
    template.hasResourceProperties('AWS::ApiGateway::Stage', {
      StageName: 'v1',
      MethodSettings: [Match.objectLike({ DataTraceEnabled: false, ThrottlingBurstLimit: 100, ThrottlingRateLimit: 50 })],
    });
    const [stage] = Object.values(resourcesOf(template, 'AWS::ApiGateway::Stage'));
    const { Format } = stage!.Properties['AccessLogSetting'] as { Format: string };
    expect(Object.keys(JSON.parse(Format) as object)).toContain('status');
    expect(Format).not.toMatch(/header|querystring|authorizer|body|apiKey/i);
  });

  test('gives the gateway one permission per function, whatever the number of routes', () => {
    const permissions = Object.values(resourcesOf(template, 'AWS::Lambda::Permission')).filter(
      ({ Properties }) => Properties['Principal'] === 'apigateway.amazonaws.com',
    );
    expect(permissions).toHaveLength(5);
  });

  test('answers by itself in the shape of all its errors', () => {
    const replies = Object.values(resourcesOf(template, 'AWS::ApiGateway::GatewayResponse')).map(({ Properties }) => Properties);
    // All that API Gateway knows: a type that is forgotten would fall back to {"message":...}.
    expect(replies.map((each) => String(each['ResponseType'])).sort()).toEqual(
      [
        ...['ACCESS_DENIED', 'API_CONFIGURATION_ERROR', 'AUTHORIZER_CONFIGURATION_ERROR', 'AUTHORIZER_FAILURE', 'BAD_REQUEST_BODY'],
        ...['BAD_REQUEST_PARAMETERS', 'DEFAULT_4XX', 'DEFAULT_5XX', 'EXPIRED_TOKEN', 'INTEGRATION_FAILURE', 'INTEGRATION_TIMEOUT'],
        ...['INVALID_API_KEY', 'INVALID_SIGNATURE', 'MISSING_AUTHENTICATION_TOKEN', 'QUOTA_EXCEEDED', 'REQUEST_TOO_LARGE'],
        ...['RESOURCE_NOT_FOUND', 'THROTTLED', 'UNAUTHORIZED', 'UNSUPPORTED_MEDIA_TYPE', 'WAF_FILTERED'],
      ].sort(),
    );
    for (const each of replies) {
      const { errors, ...more } = JSON.parse((each['ResponseTemplates'] as Record<string, string>)['application/json']!) as {
        errors: unknown[];
      };
      expect(more).toEqual({});
      expect(errors.length).toBeGreaterThan(0);
      for (const error of errors) expect(error).toMatch(/^[A-Z].*\.$/);
    }
    const statusOf = (type: string): unknown => replies.find((each) => each['ResponseType'] === type)?.['StatusCode'];
    expect(['MISSING_AUTHENTICATION_TOKEN', 'THROTTLED', 'INTEGRATION_TIMEOUT', 'REQUEST_TOO_LARGE', 'UNAUTHORIZED'].map(statusOf)).toEqual(
      ['404', '429', '504', '413', '401'],
    );
  });
});

describe('who may call the API', () => {
  test('is whoever has the token, where that is asked for: one authorizer for every route, kept for the whole stage', () => {
    const { template } = synthesize({ auth: 'token' });
    for (const { Properties } of methodsOf(template).values()) expect(Properties['AuthorizationType']).toBe('CUSTOM');
    template.hasResourceProperties('AWS::ApiGateway::Authorizer', {
      Type: 'TOKEN',
      IdentitySource: 'method.request.header.Authorization',
      AuthorizerResultTtlInSeconds: 300,
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Handler: 'authorizer.handler',
      Environment: { Variables: Match.objectLike({ WEIR_TOKEN_SECRET_ARN: { Ref: Match.stringLikeRegexp('PlaneToken') } }) },
    });
    expect(JSON.stringify(template.toJSON())).not.toMatch(/resolve:secretsmanager/);
  });

  test('is everybody only where that is spelled out', () => {
    const { template } = synthesize({ auth: 'none' });
    for (const { Properties } of methodsOf(template).values()) expect(Properties['AuthorizationType']).toBe('NONE');
  });

  test('is who reaches an endpoint of a VPC, where the API is private', () => {
    const stack = testStack();
    const endpoint = InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(stack, 'Endpoint', { vpcEndpointId: 'vpce-1', port: 443 });
    new ControlPlane(stack, 'Plane', { vpcEndpoints: [endpoint] });
    Template.fromStack(stack).hasResourceProperties('AWS::ApiGateway::RestApi', {
      EndpointConfiguration: { Types: ['PRIVATE'], VpcEndpointIds: ['vpce-1'] },
      Policy: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { StringNotEquals: { 'aws:SourceVpce': ['vpce-1'] } } }),
        ]),
      },
    });
  });

  test('is told by grants: who may read may not cancel by GET, nor ask for savepoints', () => {
    const { stack, plane } = makeStack();
    plane.grantRead(new Role(stack, 'Reader', { assumedBy: new AccountPrincipal('111111111111') }));
    const arns = JSON.stringify(
      Template.fromStack(stack).findResources('AWS::IAM::Policy', { Properties: { Roles: [{ Ref: Match.stringLikeRegexp('Reader') }] } }),
    );
    const granted = [...arns.matchAll(/"\/(\w+\*[^"]*)"/g)].map((match) => match[1]!);
    const allows = (request: string): boolean =>
      granted.some((each) => new RegExp(`^${each.replaceAll(/[.+]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`).test(request));
    const job = 'a'.repeat(32);
    expect(granted.length).toBeGreaterThan(20);
    expect(['GET/jobs', 'GET/v1/jobs/overview', `GET/jobs/${job}`, `GET/v1/jobs/${job}/checkpoints/config`].map(allows)).toEqual(
      Array(4).fill(true),
    );
    expect(
      [
        `GET/jobs/${job}/yarn-cancel`,
        `GET/v1/jobs/${job}/yarn-cancel`,
        `PATCH/jobs/${job}`,
        `POST/jobs/${job}/savepoints`,
        'POST/storage/collect',
      ].map(allows),
    ).toEqual(Array(5).fill(false));
  });
});

describe('the state of a control plane', () => {
  test('is kept, private, encrypted, versioned and reached over TLS, and says that it is kept', () => {
    const { template, stack } = synthesize();
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        TableName: Match.absent(),
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'x', Enabled: true },
      },
    });
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BucketName: Match.absent(),
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        BucketEncryption: Match.anyValue(),
        VersioningConfiguration: { Status: 'Enabled' },
        LifecycleConfiguration: {
          Rules: [
            Match.objectLike({ Prefix: 'weir/exchange/', ExpirationInDays: 2, NoncurrentVersionExpiration: { NoncurrentDays: 1 } }),
            Match.objectLike({ NoncurrentVersionExpiration: { NoncurrentDays: 3 }, ExpiredObjectDeleteMarker: true }),
            Match.objectLike({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }),
          ],
        },
      },
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })]),
      },
    });
    Annotations.fromStack(stack).hasInfo(
      '/Test/Plane/Storage',
      Match.stringLikeRegexp('table and the bucket.*stay when the stack is deleted \\(RETAIN\\)'),
    );
    expect(Object.keys(template.findOutputs('*')).filter((name) => /Retained/.test(name))).toHaveLength(2);
  });

  test('is taken over where there is some already', () => {
    const stack = testStack();
    const table = Table.fromTableName(stack, 'Old', 'old-table');
    const bucket = Bucket.fromBucketName(stack, 'OldBucket', 'old-bucket');
    const plane = new ControlPlane(stack, 'Plane', { table, bucket, savepointsDir: 's3://elsewhere/sp/' });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::DynamoDB::Table', 0);
    template.resourceCountIs('AWS::S3::Bucket', 0);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Handler: 'api-run.handler',
      Environment: {
        Variables: {
          WEIR_TABLE: 'old-table',
          WEIR_STATE_ROOT: 's3://old-bucket/weir',
          WEIR_SAVEPOINTS_DIR: 's3://elsewhere/sp',
          WEIR_SAVEPOINT_PREFIXES: '["s3://old-bucket/weir","s3://elsewhere/sp"]',
        },
      },
    });
    expect(plane.bucket.bucketName).toBe('old-bucket');
    Annotations.fromStack(stack).hasNoInfo('/Test/Plane/Storage', Match.anyValue());
  });

  test('goes where savepointsDir says, which must be in S3', () => {
    expect(() => new ControlPlane(testStack(), 'Plane', { savepointsDir: '/savepoints' })).toThrow(
      /s3:\/\/bucket\/prefix, but is "\/savepoints"/,
    );
  });
});

describe('supervision', () => {
  test('is told by every end of an execution of the plane’s workflows, and looks by itself every minute', () => {
    const { template } = synthesize();
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: {
          status: ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'],
          stateMachineArn: [
            { prefix: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':states:eu-central-1:111111111111:stateMachine:weir-']] } },
          ],
        },
      },
    });
    template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' });
  });
});

test('logs are kept for a month unless told otherwise, and X-Ray is off unless asked for', () => {
  const plain = synthesize().template;
  expect(new Set(Object.values(resourcesOf(plain, 'AWS::Logs::LogGroup')).map(({ Properties }) => Properties['RetentionInDays']))).toEqual(
    new Set([30]),
  );
  const ours = (template: Template) =>
    Object.values(resourcesOf(template, 'AWS::Lambda::Function')).filter(({ Properties }) =>
      /^Weir: /.test(String(Properties['Description'])),
    );
  expect(ours(plain).every(({ Properties }) => Properties['TracingConfig'] === undefined)).toBe(true);
  const traced = synthesize({ tracing: true }).template;
  for (const { Properties } of ours(traced)) expect(Properties['TracingConfig']).toEqual({ Mode: 'Active' });
  traced.hasResourceProperties('AWS::ApiGateway::Stage', { TracingEnabled: true });
});
