import { Stack, Validations } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';

/** Says why a rule of cdk-nag's pack AwsSolutions does not hold for a construct and what is in it. */
export function acknowledge(construct: IConstruct, rule: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: `AwsSolutions::AwsSolutions-${rule}`, reason });
}

/** Of the wildcards in these statements of a role; test/infra/least-privilege.test.ts says of each why it is needed. */
export function acknowledgeWildcards(role: IConstruct, statements: readonly PolicyStatement[]): void {
  const resources = new Set(statements.flatMap((statement) => statement.resources));
  for (const resource of resources) {
    const finding = spelledOut(Stack.of(role).resolve(resource));
    if (finding.includes('*'))
      acknowledge(role, `IAM5[Resource::${finding}]`, 'No narrower name: objects of a prefix, workflows by prefix, functions by tag.');
  }
}

/** Those of AWS's own policies that constructs of AWS CDK attach. */
export const acknowledgeAwsPolicy = (construct: IConstruct, policy: string, reason: string): void =>
  acknowledge(construct, `IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/${policy}]`, reason);

/** The Provider framework is AWS CDK's own: its functions write logs by AWS's policy, and may call any version of ours. */
export function acknowledgeProvider(provider: IConstruct, handlers: readonly LambdaFunction[]): void {
  const reason = 'The Provider framework of AWS CDK makes it so.';
  acknowledgeAwsPolicy(provider, 'AWSLambdaBasicExecutionRole', reason);
  acknowledge(provider, 'L1', reason);
  const own = ['framework-onEvent', 'framework-isComplete', 'framework-onTimeout'].flatMap(
    (id) => (provider.node.tryFindChild(id) as LambdaFunction | undefined) ?? [],
  );
  for (const called of [...handlers, ...own]) {
    acknowledge(provider, `IAM5[Resource::${spelledOut(Stack.of(provider).resolve(`${called.functionArn}:*`))}]`, reason);
  }
}

/** As cdk-nag spells a value of a template: `<Role.Arn>`, `arn:<AWS::Partition>:s3:::...`. */
function spelledOut(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[name, of] = ['', '']] = Object.entries(value);
  if (name === 'Ref') return `<${String(of)}>`;
  if (name === 'Fn::GetAtt') return `<${(of as readonly string[]).join('.')}>`;
  if (name !== 'Fn::Join') return JSON.stringify(value);
  const [separator, parts] = of as readonly [string, readonly unknown[]];
  return parts.map(spelledOut).join(separator);
}
