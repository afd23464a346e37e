import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';

export interface Clients {
  readonly dynamoDb: DynamoDBClient;
  readonly lambda: LambdaClient;
  readonly s3: S3Client;
  readonly sfn: SFNClient;
}

/** AWS's own clients, for the endpoints of one embedded cloud. */
export function clientsOf(endpoints: Readonly<Record<string, string>>): Clients {
  const common = { region: endpoints.AWS_REGION!, credentials: { accessKeyId: 'embedded', secretAccessKey: 'embedded' }, maxAttempts: 1 };
  return {
    dynamoDb: new DynamoDBClient({ ...common, endpoint: endpoints.AWS_ENDPOINT_URL_DYNAMODB! }),
    lambda: new LambdaClient({ ...common, endpoint: endpoints.AWS_ENDPOINT_URL_LAMBDA! }),
    s3: new S3Client({ ...common, endpoint: endpoints.AWS_ENDPOINT_URL_S3!, forcePathStyle: true }),
    sfn: new SFNClient({ ...common, endpoint: endpoints.AWS_ENDPOINT_URL_SFN! }),
  };
}
