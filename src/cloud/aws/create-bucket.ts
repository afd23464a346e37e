import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { nameOf, serviceError } from './service-error.ts';

/** Creates a bucket in the client's region, unless it is ours already. */
export async function createBucket({ client, bucket }: { readonly client: S3Client; readonly bucket: string }): Promise<void> {
  try {
    const region = await client.config.region();
    // us-east-1 is where a bucket goes without a constraint, and can't be named as one.
    const where = region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' } };
    await client.send(new CreateBucketCommand({ Bucket: bucket, ...where }));
  } catch (thrown) {
    if (nameOf(thrown) !== 'BucketAlreadyOwnedByYou') throw serviceError({ service: 'S3', operation: 'CreateBucket', on: bucket }, thrown);
  }
}
