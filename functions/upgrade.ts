import './logging.ts';
import middy from '@middy/core';
import { messageOf, WeirError } from '../src/base/errors.ts';
import { isGoingBack } from '../src/cloud/index.ts';
import type { BeginRequest } from '../src/deployment/deployment-service.ts';
import type { OperationOutcome } from '../src/protocol/deployment-record.ts';
import { deploymentsOfEnvironment } from './deployment-environment.ts';
import { deploymentProperties } from './deployment-properties.ts';

/** What the Provider framework of AWS CDK calls with: CloudFormation's event, and what onEvent gave. */
export interface UpgradeEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly RequestId: string;
  readonly StackId: string;
  /** Missing in the first event of a resource. */
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Readonly<Record<string, unknown>>;
}

export interface UpgradeReply {
  readonly IsComplete: boolean;
  readonly Data?: Readonly<Record<string, string>>;
}

const { deployments, stacks } = deploymentsOfEnvironment();

/**
 * Begins what the stack asks for. The physical id of the resource is the deployment's name: a changed name is another
 * deployment, and CloudFormation deletes the old one then.
 */
export const onEvent = middy(async (event: UpgradeEvent): Promise<{ readonly PhysicalResourceId: string }> => {
  const request = event.RequestType === 'Delete' ? deletion(event) : await creation(event);
  if (request !== undefined) {
    const begun = await deployments.begin(request);
    console.log(`${request.kind} of deployment ${request.deployment}: ${begun}`);
  }
  return { PhysicalResourceId: request?.deployment ?? event.PhysicalResourceId ?? event.RequestId };
});

/** Takes the next steps. What is thrown here is the reason that stands in the stack's events. */
export const isComplete = middy(async (event: UpgradeEvent): Promise<UpgradeReply> => {
  const deployment = event.PhysicalResourceId!;
  const reply = await deployments.step(deployment, event.RequestId);
  switch (reply.kind) {
    case 'working':
      console.log(`deployment ${deployment} is at ${reply.stage}: ${reply.words}`);
      return { IsComplete: false };
    case 'done':
      console.log(`deployment ${deployment}: ${reply.outcome.words}`);
      if (reply.outcome.outcome === 'succeeded') return { IsComplete: true, Data: dataOf(reply.outcome) };
      throw new Error(reply.outcome.words);
    case 'superseded':
      if (event.RequestType === 'Delete') return { IsComplete: true };
      throw new Error(`A newer request has taken the place of this one for deployment ${deployment}.`);
  }
});

/** What nobody asks after any more, because a stack gave up waiting, comes to its end all the same; what no job needs goes. */
export const sweep = middy(async (): Promise<void> => {
  await deployments.sweep();
});

async function creation(event: UpgradeEvent): Promise<BeginRequest> {
  const { deployment, target, schedule } = deploymentProperties(event.ResourceProperties);
  // Another name is another deployment, which is created; the old one is deleted by a request of its own.
  const kind = event.PhysicalResourceId === deployment ? 'update' : 'create';
  const goingBack = event.RequestType === 'Update' && (await goesBack(event.StackId));
  return { deployment, id: event.RequestId, owner: event.StackId, kind, target, goingBack, schedule };
}

/** Nothing that is wrong with a deletion may keep its stack. */
function deletion(event: UpgradeEvent): BeginRequest | undefined {
  const deployment = event.PhysicalResourceId;
  if (deployment === undefined) return undefined;
  const request = { deployment, id: event.RequestId, owner: event.StackId, kind: 'delete' } as const;
  try {
    return { ...request, target: deploymentProperties(event.ResourceProperties).target };
  } catch (error) {
    if (!WeirError.is(error)) throw error;
    return request;
  }
}

/** Where it can't be known, it is taken for an update like any other. */
async function goesBack(stackId: string): Promise<boolean> {
  try {
    return isGoingBack(await stacks.statusOf(stackId));
  } catch (error) {
    console.log(`The status of ${stackId} is not known: ${messageOf(error)}`);
    return false;
  }
}

const dataOf = ({ words, jobId, savepoint }: OperationOutcome): Record<string, string> => ({
  Words: words,
  ...(jobId === undefined ? {} : { JobId: jobId }),
  ...(savepoint === undefined ? {} : { Savepoint: savepoint }),
});
