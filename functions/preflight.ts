import './logging.ts';
import { GetAccountSettingsCommand } from '@aws-sdk/client-lambda';
import middy from '@middy/core';
import * as z from 'zod/mini';
import { messageOf, WeirError } from '../src/base/errors.ts';
import { functionClient } from '../src/cloud/aws/function-client.ts';
import { type AccountLimits, type DeploymentNeeds, exceededLimits } from './account-limits.ts';

const wholeNumber = z.pipe(z.string().check(z.regex(/^\d+$/)), z.transform(Number));
/** CloudFormation makes strings of all values. */
const properties = z.object({
  Deployment: z.string(),
  Slots: wholeNumber,
  ReservedConcurrency: z.pipe(
    z.enum(['true', 'false']),
    z.transform((text) => text === 'true'),
  ),
  CodeBytes: wholeNumber,
});
const request = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResourceProperties: properties,
  OldResourceProperties: z.optional(z.partial(properties)),
});

/** Before a deployment's functions are made: refuses it, with the numbers, if the account's limits can't hold it. */
export const handler = middy(async (event: unknown): Promise<{ readonly PhysicalResourceId: string }> => {
  const { RequestType, ResourceProperties: wanted, OldResourceProperties: before } = request.parse(event);
  const reply = { PhysicalResourceId: `preflight-${wanted.Deployment}` };
  if (RequestType === 'Delete') return reply;
  const limits = await accountLimits();
  if (limits === undefined) return reply;
  const needs: DeploymentNeeds = {
    deployment: wanted.Deployment,
    slots: wanted.Slots,
    reservedConcurrency: wanted.ReservedConcurrency,
    codeBytes: wanted.CodeBytes,
    slotsReservedBefore: before?.ReservedConcurrency === true ? (before.Slots ?? 0) : 0,
  };
  const problems = exceededLimits(needs, limits);
  if (problems.length === 0) return reply;
  throw new WeirError({
    code: 'ACCOUNT_LIMIT_EXCEEDED',
    domain: 'user',
    message: problems.join(' '),
    advice: 'Use fewer slots, or ask for more in the Service Quotas console (AWS Lambda).',
  });
});

/** Limits that can't be read refuse nothing: what is too much will be told by the service itself, later. */
async function accountLimits(): Promise<AccountLimits | undefined> {
  try {
    const { AccountLimit: limit, AccountUsage: usage } = await functionClient().send(new GetAccountSettingsCommand({}));
    return {
      concurrentExecutions: limit?.ConcurrentExecutions ?? Number.POSITIVE_INFINITY,
      unreservedExecutions: limit?.UnreservedConcurrentExecutions ?? Number.POSITIVE_INFINITY,
      codeBytesMax: limit?.TotalCodeSize ?? Number.POSITIVE_INFINITY,
      codeBytes: usage?.TotalCodeSize ?? 0,
    };
  } catch (error) {
    console.warn(`the account's limits could not be read, and are not looked at: ${messageOf(error)}`);
    return undefined;
  }
}
