// Catches: a deployment that asks the upgrade function for something else than its props say, that runs before what it needs or
// goes after it, or that does not fit into a stack.
import { Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { ControlPlane, Schedule, StreamJob, UpgradeMode } from '../../infra/index.ts';
import { exampleJob, makeStack, resourcesOf, synthesize, testApp, testStack } from './synthesize.ts';

describe('a deployment', () => {
  test('says all that should run, in strings, and leaves out what is not said', () => {
    const { template } = synthesize();
    template.hasResourceProperties('Custom::WeirDeployment', {
      Deployment: 'Test-Job',
      CodeDigest: Match.stringLikeRegexp('^[0-9a-f]{16}$'),
      SlotFunctionArns: Array.from({ length: 3 }, (_, slot) => ({
        'Fn::GetAtt': [Match.stringLikeRegexp(`JobFunctionsSlot${slot}`), 'Arn'],
      })),
      CoordinatorFunctionArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('JobFunctionsCoordinator'), 'Arn'] },
      WorkflowRoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('JobWorkflowRole'), 'Arn'] },
      WorkflowPrefix: 'weir-Test-Job',
      WorkflowDigest: Match.stringLikeRegexp('^[0-9a-f]{16}$'),
      Slots: '3',
      Args: '{}',
      UpgradeMode: 'savepoint',
      UpgradeTimeoutMs: Match.absent(),
      AllowNonRestoredState: 'false',
      Parallelism: Match.absent(),
      CheckpointIntervalMs: Match.absent(),
      StateBackend: Match.absent(),
      InitialSavepointPath: Match.absent(),
      Schedule: Match.absent(),
    });
  });

  test('says what is said', () => {
    const { template } = synthesize(
      {},
      {
        deploymentName: 'flights',
        args: { input: 's3://in', most: 5 },
        parallelism: 6,
        checkpointInterval: Duration.seconds(10),
        upgrade: UpgradeMode.LAST_STATE,
        upgradeTimeout: Duration.minutes(20),
        stateBackend: 'filesystem',
        allowNonRestoredState: true,
        initialSavepointPath: 's3://old/savepoint-1',
        savepointSchedule: Schedule.cron({ hour: '3' }),
        savepointRetention: { keep: 7, maxAge: Duration.days(30) },
      },
    );
    template.hasResourceProperties('Custom::WeirDeployment', {
      Deployment: 'flights',
      WorkflowPrefix: 'weir-flights',
      Args: '{"input":"s3://in","most":5}',
      Parallelism: '6',
      CheckpointIntervalMs: '10000',
      UpgradeMode: 'last-state',
      ServiceTimeout: '3600',
      UpgradeTimeoutMs: '1200000',
      StateBackend: 'filesystem',
      AllowNonRestoredState: 'true',
      InitialSavepointPath: 's3://old/savepoint-1',
      Schedule: '{"expression":"cron(0 3 * * ? *)","timeZone":"Etc/UTC","keep":7,"maxAgeMs":2592000000}',
    });
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'cron(0 3 * * ? *)',
      Target: {
        Input: '{"deployment":"flights","scheduledTime":"<aws.scheduler.scheduled-time>","retention":{"keep":7,"maxAgeMs":2592000000}}',
        Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('scheduledsavepoint'), 'Arn'] },
      },
    });
  });

  test('has arguments that name resources of the stack', () => {
    const { stack, plane } = makeStack();
    const bucket = new Bucket(stack, 'Input');
    new StreamJob(stack, 'Other', { controlPlane: plane, entry: exampleJob, slots: 1, args: { input: bucket.s3UrlForObject('in') } });
    Template.fromStack(stack).hasResourceProperties('Custom::WeirDeployment', {
      Args: { 'Fn::Join': ['', ['{"input":"s3://', { Ref: Match.stringLikeRegexp('Input') }, '/in"}']] },
    });
  });

  test('is another one when memory or environment change, which belong to a version as its code does', () => {
    const digest = (job: Parameters<typeof synthesize>[1]): unknown =>
      Object.values(resourcesOf(synthesize({}, job).template, 'Custom::WeirDeployment'))[0]!.Properties['CodeDigest'];
    const plain = digest({});
    expect(digest({})).toBe(plain);
    expect(digest({ memorySize: 4096 })).not.toBe(plain);
    expect(digest({ environment: { REGION: 'north' } })).not.toBe(plain);
    expect(digest({ slots: 4 })).toBe(plain);
  });

  test('runs after all that it needs, permissions included, and before nothing', () => {
    const { stack, job } = makeStack({}, { savepointSchedule: Schedule.rate(Duration.hours(1)) });
    new Bucket(stack, 'Input').grantRead(job);
    const template = Template.fromStack(stack);
    const [[id, deployment] = ['', undefined]] = Object.entries(resourcesOf(template, 'Custom::WeirDeployment'));
    const all = template.toJSON()['Resources'] as Record<string, { Type: string; DependsOn?: string[] }>;
    const ofJob = Object.keys(all).filter((name) => name.startsWith('Job') && name !== id && !name.startsWith('JobAlarms'));
    expect(ofJob.length).toBeGreaterThan(8);
    expect(ofJob.filter((name) => !deployment!.DependsOn!.includes(name))).toEqual([]);
    expect(Object.values(all).filter((each) => each.DependsOn?.includes(id) === true)).toEqual([]);
    const granted = Object.entries(resourcesOf(template, 'AWS::IAM::Policy')).filter(([, each]) => JSON.stringify(each).includes('Input'));
    expect(granted.map(([name]) => deployment!.DependsOn!.includes(name))).toEqual([true]);
  });

  test('asks for the account’s limits before its functions are made', () => {
    const { template } = synthesize({}, { reservedConcurrency: true });
    const [preflight] = Object.keys(resourcesOf(template, 'Custom::WeirPreflight'));
    template.hasResourceProperties('Custom::WeirPreflight', { Deployment: 'Test-Job', Slots: '3', ReservedConcurrency: 'true' });
    const slots = Object.values(resourcesOf(template, 'AWS::Lambda::Function')).filter(
      ({ Properties }) => Properties['Handler'] === 'slot.handler',
    );
    for (const slot of slots) {
      expect(slot.DependsOn).toContain(preflight);
      expect(slot.Properties['ReservedConcurrentExecutions']).toBe(1);
    }
  });

  test('keeps its functions when it goes, which share role and log group and are tagged for the plane', () => {
    const { template } = synthesize();
    const ours = Object.values(resourcesOf(template, 'AWS::Lambda::Function')).filter(({ Properties }) =>
      ['slot.handler', 'coordinator.handler'].includes(String(Properties['Handler'])),
    );
    expect(ours).toHaveLength(4);
    expect(new Set(ours.map(({ DeletionPolicy }) => DeletionPolicy))).toEqual(new Set(['Retain']));
    for (const property of ['Role', 'LoggingConfig', 'Tags', 'Environment']) {
      expect(new Set(ours.map(({ Properties }) => JSON.stringify(Properties[property]))).size, property).toBe(1);
    }
    expect(ours[0]!.Properties['Tags']).toEqual([
      { Key: 'weir:control-plane', Value: expect.stringMatching(/^Test-Plane-/) as string },
      { Key: 'weir:deployment', Value: 'Test-Job' },
    ]);
    expect(ours[0]!.Properties['FunctionName']).toBeUndefined();
  });

  test('alarms on failed checkpoints, restarts, failure and lag, by deployment alone', () => {
    const { template, job } = synthesize();
    const metrics = Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
    expect(metrics.map((each) => String(each['MetricName'])).sort()).toEqual([
      'CheckpointsFailed',
      'EventTimeLag',
      'JobsFailed',
      'Restarts',
    ]);
    for (const each of metrics) {
      expect(each).toMatchObject({
        Namespace: 'Weir',
        Dimensions: [{ Name: 'deployment', Value: 'Test-Job' }],
        TreatMissingData: 'notBreaching',
      });
    }
    expect(synthesize({}, { alarms: { lag: 'none' } }).job.alarms?.lag).toBeUndefined();
    expect(resourcesOf(synthesize({}, { alarms: false }).template, 'AWS::CloudWatch::Alarm')).toEqual({});
    expect(job.metricLag().toMetricConfig().metricStat).toMatchObject({ metricName: 'EventTimeLag', statistic: 'Maximum' });
    expect(JSON.stringify(resourcesOf(template, 'AWS::CloudWatch::Dashboard'))).toMatch(/## Test-Job/);
  });

  test.each([
    [{ slots: 0 }, /slots should be a whole number, 1 to 800, but is 0/],
    [{ slots: 801 }, /slots/],
    [{ memorySize: 100 }, /memorySize/],
    [{ parallelism: 1.5 }, /parallelism/],
    [{ deploymentName: 'a b' }, /deploymentName/],
    [{ deploymentName: '-a' }, /deploymentName/],
    [{ environment: { WEIR_TABLE: 'x' } }, /environment.*WEIR_TABLE/],
    [{ savepointRetention: { keep: 0 } }, /savepointRetention.keep/],
    [{ upgradeTimeout: Duration.hours(2) }, /upgradeTimeout/],
    [{ entry: 'no/such/job.ts' }, /There is no job file/],
  ])('is refused while it is synthesized if it can’t be: %o', (job, message) => {
    expect(() => makeStack({}, job)).toThrow(message);
  });
});

describe('size', () => {
  const counted = (template: Template): number => Object.keys(template.toJSON()['Resources'] as object).length;

  test('a plane and a job of a hundred slots fit into one stack', () => {
    const { template } = synthesize({ auth: 'token' }, { slots: 100, savepointSchedule: Schedule.cron({ hour: '3' }) });
    expect(counted(template)).toBeLessThan(500);
    template.resourceCountIs('AWS::CloudFormation::Stack', 0);
  });

  test('above that, every hundred slots have a stack of their own, and none has more than CloudFormation allows', () => {
    const { stack, job } = makeStack({}, { slots: 800 });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::CloudFormation::Stack', 8);
    expect(counted(template)).toBeLessThan(500);
    expect(JSON.stringify(template.toJSON()).length).toBeLessThan(1_000_000);
    const nested = job.node.findChild('Functions').node.children.filter((child) => /^Slots\d+$/.test(child.node.id));
    expect(nested).toHaveLength(8);
    for (const child of nested) {
      const ofNested = Template.fromStack(child as ReturnType<typeof testStack>);
      ofNested.resourceCountIs('AWS::Lambda::Function', 100);
      expect(counted(ofNested)).toBe(100);
      expect(Object.keys(ofNested.toJSON()['Outputs'] as object).length).toBeLessThanOrEqual(200);
    }
    const [deployment] = Object.values(resourcesOf(template, 'Custom::WeirDeployment'));
    expect(deployment!.Properties['SlotFunctionArns']).toHaveLength(800);
    expect(deployment!.DependsOn!.filter((name) => /NestedStack/.test(name))).toHaveLength(8);
  });

  test('a plane and its jobs may stand in stacks of their own', () => {
    const app = testApp();
    const plane = new ControlPlane(testStack(app, 'Plane'), 'Weir');
    const jobs = testStack(app, 'Jobs');
    new StreamJob(jobs, 'Job', { controlPlane: plane, entry: exampleJob, slots: 2, savepointSchedule: Schedule.cron({ hour: '3' }) });
    const template = Template.fromStack(jobs);
    template.resourceCountIs('Custom::WeirDeployment', 1);
    template.resourceCountIs('AWS::ApiGateway::RestApi', 0);
    Template.fromStack(plane.stack).resourceCountIs('Custom::WeirDeployment', 0);
  });
});

test('a schedule begins where fields smaller than the smallest that is given do', () => {
  const text = (schedule: { readonly expressionString: string }): string => schedule.expressionString;
  expect(text(Schedule.cron({ hour: '3' }))).toBe('cron(0 3 * * ? *)');
  expect(text(Schedule.cron({ minute: '30' }))).toBe('cron(30 * * * ? *)');
  expect(text(Schedule.cron({ weekDay: 'MON' }))).toBe('cron(0 0 ? * MON *)');
  expect(text(Schedule.cron({ day: '1', hour: '4', minute: '15' }))).toBe('cron(15 4 1 * ? *)');
  expect(text(Schedule.rate(Duration.hours(6)))).toBe('rate(6 hours)');
});

describe('a snapshot of the template', () => {
  let template: Template;
  beforeAll(() => {
    ({ template } = synthesize());
  });

  /** Digests of code change with every line of it, and are none of the template's own. */
  const masked = (text: string): unknown =>
    JSON.parse(
      text
        .replaceAll(/[0-9a-f]{64}/g, '<digest>')
        .replaceAll(/"(CodeDigest|WorkflowDigest|CodeBytes)": ?"[^"]*"/g, '"$1":"<digest>"')
        .replaceAll(/(ControlApiDeployment[0-9A-F]{8})[0-9a-f]{32}/g, '$1'),
    );

  test('changes only when somebody means it', async () => {
    // Routes have a test of their own, and would be most of it.
    const resources = Object.entries(template.toJSON()['Resources'] as Record<string, { Type: string }>).filter(
      ([, { Type }]) => !/^AWS::ApiGateway::(Resource|Method|GatewayResponse|Deployment)$/.test(Type),
    );
    const shown = masked(JSON.stringify(Object.fromEntries(resources)));
    await expect(`${JSON.stringify(shown, null, 2)}\n`).toMatchFileSnapshot('golden/template.json');
  });
});
