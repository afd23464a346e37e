// Catches: a statement that allows more than it needs: an action with a star, a resource with a star that is in no list of
// exceptions, a function of the API that may do what its routes don't.
import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { Schedule } from '../../infra/index.ts';
import { resourcesOf, synthesize } from './synthesize.ts';

interface Statement {
  readonly role: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: string;
}

/** Every star in a resource, and why nothing narrower would do. */
const exceptions: readonly { readonly action: RegExp; readonly resource: RegExp; readonly conditions?: RegExp; readonly why: string }[] = [
  {
    action: /^s3:(Get|Put|Delete)Object$|^s3:AbortMultipartUpload$/,
    resource: /^arn:.*:s3:::[^*]+\/(weir|savepoints)\/\*$/,
    why: 'objects have names of their own',
  },
  {
    action: /^states:/,
    resource: /:(stateMachine|execution):weir-\*$/,
    why: 'workflows are made after the stack, with a digest in their names',
  },
  { action: /^states:/, resource: /:(stateMachine|execution):weir-Test-Job-\*$/, why: 'as before, of one deployment' },
  {
    action: /^lambda:/,
    resource: /:lambda:.*:function:\*$/,
    conditions: /aws:ResourceTag\/weir:control-plane/,
    why: "jobs' functions have CloudFormation's names, and are known by their tag",
  },
  {
    action: /^iam:PassRole$/,
    resource: /:role\/weir\/Test-Plane-\w+\/\*$/,
    conditions: /states\.amazonaws\.com/,
    why: 'roles of workflows have one path',
  },
  { action: /^cloudformation:DescribeStacks$/, resource: /:stack\/\*$/, why: 'which stack asks is known when it does' },
  { action: /^lambda:GetAccountSettings$/, resource: /^\*$/, why: 'there is no resource for an account' },
  { action: /^xray:/, resource: /^\*$/, why: 'X-Ray has no resources' },
  { action: /^logs:(CreateLogStream|PutLogEvents)$/, resource: /LogGroup|Logs/, why: 'streams of one group' },
  {
    action: /^lambda:InvokeFunction$/,
    resource: /^\{?.*(preflight|onEvent|isComplete|onTimeout|Preflight|Upgrade).*:\*$/,
    why: "versions of one function, as AWS CDK's Provider grants it",
  },
];

const spelled = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const [[name, of] = ['', '']] = Object.entries(value as object);
  if (name === 'Fn::Join') return (of as [string, unknown[]])[1].map(spelled).join('');
  return name === 'Ref' ? String(of) : (of as string[]).join('.');
};
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

function statementsOf(template: Template): Statement[] {
  const found: Statement[] = [];
  const add = (role: string, document: unknown): void => {
    for (const each of (document as { Statement: Record<string, unknown>[] }).Statement) {
      if (each['Effect'] !== 'Allow') continue;
      const { Action, Resource, Condition } = each;
      found.push({
        role,
        actions: asList(Action).map(String),
        resources: asList(Resource).map(spelled),
        conditions: JSON.stringify(Condition ?? {}),
      });
    }
  };
  for (const [id, { Properties }] of Object.entries(resourcesOf(template, 'AWS::IAM::Policy'))) add(id, Properties['PolicyDocument']);
  for (const [id, { Properties }] of Object.entries(resourcesOf(template, 'AWS::IAM::Role'))) {
    for (const policy of (Properties['Policies'] ?? []) as { PolicyDocument: unknown }[]) add(id, policy.PolicyDocument);
  }
  return found;
}

describe('the roles of a plane and a job', () => {
  let statements: Statement[];
  let template: Template;
  beforeAll(() => {
    ({ template } = synthesize({ auth: 'token', tracing: true }, { savepointSchedule: Schedule.cron({ hour: '3' }) }));
    statements = statementsOf(template);
  });
  const actionsOf = (role: string): string[] =>
    statements
      .filter((each) => each.role.includes(role))
      .flatMap((each) => each.actions)
      .sort();

  test('name every action they allow, without a star', () => {
    expect(statements.length).toBeGreaterThan(50);
    expect(statements.filter(({ actions }) => actions.some((action) => action.includes('*')))).toEqual([]);
  });

  test('have a star in a resource only where an exception says why', () => {
    const unexplained = statements.flatMap(({ role, actions, resources, conditions }) =>
      resources
        .filter((resource) => resource.includes('*'))
        .filter(
          (resource) =>
            !exceptions.some(
              (each) =>
                actions.every((action) => each.action.test(action)) &&
                each.resource.test(resource) &&
                (each.conditions?.test(conditions) ?? true),
            ),
        )
        .map((resource) => `${role}: ${actions.join(', ')} on ${resource} ${conditions}`),
    );
    expect(unexplained).toEqual([]);
  });

  test('use every exception: one that nobody needs would hide the next star', () => {
    const unused = exceptions.filter(
      (each) =>
        !statements.some(
          ({ actions, resources, conditions }) =>
            actions.some((action) => each.action.test(action)) &&
            resources.some((resource) => each.resource.test(resource)) &&
            (each.conditions?.test(conditions) ?? true),
        ),
    );
    expect(unused.map(({ why }) => why)).toEqual([]);
  });

  test('let the function of queries read and nothing else', () => {
    const allowed = new Set(actionsOf('apiqueries').map((action) => action.replace(/^(xray|logs):.*/, '$1')));
    expect(allowed).toEqual(
      new Set(['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query', 'logs', 's3:GetObject', 's3:ListBucket', 'xray']),
    );
  });

  test('let only those delete objects whose work it is', () => {
    const roles = new Set(
      statements.filter(({ actions }) => actions.includes('s3:DeleteObject')).map(({ role }) => role.replace(/Role.*|Default.*/, '')),
    );
    expect([...roles].sort()).toEqual([
      'JobFunctions',
      'PlaneFunctionsapidispose',
      'PlaneFunctionsscheduledsavepoint',
      'PlaneFunctionssupervise',
      'PlaneUpgradeisComplete',
      'PlaneUpgradeonEvent',
      'PlaneUpgradesweep',
    ]);
  });

  test('let the functions of a job drive workflows of its own deployment only, and its workflows start each other', () => {
    const ofJob = statements
      .filter(({ role }) => role.startsWith('JobFunctions'))
      .filter(({ actions }) => actions.some((action) => action.startsWith('states:')));
    expect(ofJob.length).toBe(2);
    for (const { resources } of ofJob) for (const resource of resources) expect(resource).toMatch(/:weir-Test-Job-\*$/);
    expect(actionsOf('JobWorkflowRole')).toEqual(['states:StartExecution', 'states:StartSyncExecution']);
  });

  test('let permission to call versions be given to workflows of this plane only', () => {
    const giving = statements.filter(({ actions }) => actions.includes('lambda:AddPermission'));
    expect(giving.length).toBeGreaterThan(0);
    for (const { conditions, actions } of giving) {
      expect(actions).toEqual(['lambda:AddPermission']);
      expect(conditions).toMatch(/lambda:Principal.*role\/weir\/Test-Plane-/);
    }
  });

  test('are assumed by one service each', () => {
    for (const [id, { Properties }] of Object.entries(resourcesOf(template, 'AWS::IAM::Role'))) {
      const document = Properties['AssumeRolePolicyDocument'] as { Statement: { Principal: { Service?: unknown } }[] };
      expect(document.Statement, id).toHaveLength(1);
      expect(document.Statement[0]!.Principal.Service, id).toMatch(/^(lambda|states|scheduler|apigateway)\.amazonaws\.com$/);
    }
  });
});
