import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { DefinitionBody, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { ownPackageRoot } from '../src/program/own-package.ts';

export interface WeirStackProps extends StackProps {
  /** Folder with the bundled handlers of one program: `slot.mjs` and `coordinator.mjs`. */
  readonly bundleDirectory: string;
  /** How many slots; each is one function, whose state stays warm. */
  readonly slots: number;
}

const workflowFile = (name: string): string => join(ownPackageRoot, 'infra', 'workflows', `${name}.asl.json`);

/** One program with everything that runs it: state table and bucket, slot and coordinator functions, two workflows. */
export class WeirStack extends Stack {
  constructor(scope: Construct, id: string, props: WeirStackProps) {
    super(scope, id, props);
    const table = new Table(this, 'Records', {
      partitionKey: { name: 'p', type: AttributeType.STRING },
      sortKey: { name: 's', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'x',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const bucket = new Bucket(this, 'State', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        { prefix: 'weir/exchange/', expiration: Duration.days(2) },
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    const makeFunction = (name: string, handler: string, timeout: Duration, memorySize: number) => {
      const made = new LambdaFunction(this, name, {
        runtime: Runtime.NODEJS_24_X,
        architecture: Architecture.ARM_64,
        code: Code.fromAsset(props.bundleDirectory),
        handler: `${handler}.handler`,
        timeout,
        memorySize,
        environment: { WEIR_TABLE: table.tableName, NODE_OPTIONS: '--enable-source-maps' },
      });
      table.grantReadWriteData(made);
      bucket.grantReadWrite(made);
      return made;
    };
    const coordinator = makeFunction('Coordinator', 'coordinator', Duration.seconds(120), 512);
    const slots = Array.from({ length: props.slots }, (_, slot) => makeFunction(`Slot${slot}`, 'slot', Duration.seconds(310), 2048));
    const checkpoint = this.#workflow('CheckpointWorkflow', 'checkpoint', StateMachineType.EXPRESS, {
      CoordinatorFunctionArn: coordinator.functionArn,
    });
    const job = this.#workflow('JobWorkflow', 'job', StateMachineType.STANDARD, {
      CoordinatorFunctionArn: coordinator.functionArn,
      CheckpointWorkflowArn: checkpoint.stateMachineArn,
    });
    for (const called of [coordinator, ...slots]) {
      called.grantInvoke(checkpoint);
      called.grantInvoke(job);
    }
    checkpoint.grantStartSyncExecution(job);
    // Waking a sleeping driver goes by token, which has no resource of its own; a hand-over names the workflow it stands
    // in. A policy of its own keeps role, function and workflow from depending on each other in a circle.
    new Policy(this, 'CoordinatorDrives', {
      roles: coordinator.role === undefined ? [] : [coordinator.role],
      statements: [
        new PolicyStatement({ actions: ['states:StartExecution'], resources: [job.stateMachineArn] }),
        new PolicyStatement({ actions: ['states:SendTaskSuccess'], resources: [job.stateMachineArn] }),
      ],
    });
  }

  #workflow(id: string, file: string, stateMachineType: StateMachineType, definitionSubstitutions: Record<string, string>): StateMachine {
    return new StateMachine(this, id, {
      definitionBody: DefinitionBody.fromString(readFileSync(workflowFile(file), 'utf8')),
      definitionSubstitutions,
      stateMachineType,
    });
  }
}
