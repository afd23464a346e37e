// Catches: what cdk-nag's pack AwsSolutions objects to and nobody has explained.
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { Schedule } from '../../infra/index.ts';
import { findingsOf, makeStack } from './synthesize.ts';

const check = (app: Parameters<Parameters<typeof findingsOf>[1]>[0]) => new AwsSolutionsChecks(app);

describe('cdk-nag', () => {
  test.each(['iam', 'token', 'none'] as const)('finds nothing to explain, with auth: %s and everything that can be asked for', (auth) => {
    const { stack } = makeStack({ auth, tracing: true }, { savepointSchedule: Schedule.cron({ hour: '3' }), reservedConcurrency: true });
    expect(findingsOf(stack, check)).toEqual([]);
  });

  test('does look: it finds a bucket that anybody may talk to without encryption', () => {
    const { stack } = makeStack();
    new Bucket(stack, 'Open');
    expect(findingsOf(stack, check)).toContainEqual(expect.stringMatching(/S10.*Open/));
  });
});
