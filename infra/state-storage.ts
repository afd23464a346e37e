import { Annotations, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, type ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, type LifecycleRule } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** A table by its ARN: any `ITable`. */
export interface TableRef {
  readonly tableArn: string;
}

/** A bucket by its name: any `IBucket`. */
export interface BucketRef {
  readonly bucketName: string;
}

export interface StateStorageProps {
  /** A table to take over, such as one that an earlier stack left: string keys `p` and `s`, time to live by `x`. */
  readonly table?: TableRef | undefined;
  /** A bucket to take over. Its encryption, versions and lifecycle rules stay its owner's. */
  readonly bucket?: BucketRef | undefined;
  /** What keys of state begin with. */
  readonly statePrefix: string;
  /** How long deleted and replaced objects can be brought back. */
  readonly noncurrentVersionExpiration: Duration;
}

/** Where jobs, checkpoints and savepoints are kept. Both are retained when the stack goes: they are what jobs resume from. */
export class StateStorage extends Construct {
  readonly table: ITable;
  readonly bucket: IBucket;

  constructor(scope: Construct, id: string, props: StateStorageProps) {
    super(scope, id);
    this.table = props.table === undefined ? this.#makeTable() : Table.fromTableArn(this, 'Records', props.table.tableArn);
    this.bucket = props.bucket === undefined ? this.#makeBucket(props) : Bucket.fromBucketName(this, 'State', props.bucket.bucketName);
    const made = [props.table === undefined ? 'table' : [], props.bucket === undefined ? 'bucket' : []].flat();
    if (made.length === 0) return;
    Annotations.of(this).addInfo(
      `The ${made.join(' and the ')} of jobs, checkpoints and savepoints stay${made.length === 1 ? 's' : ''} when the stack is deleted (RETAIN), and cost what is stored in ${made.length === 1 ? 'it' : 'them'}. A later ControlPlane takes them over by its props "table" and "bucket".`,
    );
  }

  #makeTable(): ITable {
    return new Table(this, 'Records', {
      partitionKey: { name: 'p', type: AttributeType.STRING },
      sortKey: { name: 's', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'x',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.RETAIN,
    }) as ITable;
  }

  #makeBucket({ statePrefix, noncurrentVersionExpiration }: StateStorageProps): IBucket {
    const exchange: LifecycleRule = {
      id: 'exchange-data',
      prefix: `${statePrefix}/exchange/`,
      expiration: Duration.days(2),
      noncurrentVersionExpiration: Duration.days(1),
    };
    const deleted: LifecycleRule = { id: 'noncurrent-versions', noncurrentVersionExpiration, expiredObjectDeleteMarker: true };
    const incomplete: LifecycleRule = { id: 'incomplete-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) };
    const bucket = new Bucket(this, 'State', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      lifecycleRules: [exchange, deleted, incomplete],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(
      bucket,
      'S1',
      'A log line per request would cost more than the requests; CloudTrail data events are for whoever wants them.',
    );
    return bucket as IBucket;
  }
}
