import { awsPublishers } from '../src/cloud/aws/publishers.ts';
import type { StackService } from '../src/cloud/index.ts';
import { DeploymentService } from '../src/deployment/deployment-service.ts';
import { versionPublisher } from '../src/deployment/version-publisher.ts';
import { cloudOfEnvironment, savepointDirectoryOfEnvironment, stateRootOfEnvironment } from './environment.ts';
import { workflowTexts } from './workflow-texts.ts';

/** What the upgrade function works with, from its environment: see docs/DEPLOYMENT.md. */
export function deploymentsOfEnvironment(): { readonly deployments: DeploymentService; readonly stacks: StackService } {
  const { functions, workflows, stacks } = awsPublishers();
  const publisher = versionPublisher({ functions, workflows, texts: workflowTexts });
  const savepointDirectory = savepointDirectoryOfEnvironment();
  const deployments = new DeploymentService(cloudOfEnvironment(), {
    publisher,
    stateRoot: stateRootOfEnvironment(),
    ...(savepointDirectory === undefined ? {} : { savepointDirectory }),
  });
  return { deployments, stacks };
}
