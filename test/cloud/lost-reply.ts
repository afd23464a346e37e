import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';

const writes = new Set([
  'PutItemCommand',
  'UpdateItemCommand',
  'DeleteItemCommand',
  'PutObjectCommand',
  'CopyObjectCommand',
  'DeleteObjectCommand',
]);

/**
 * Lets the next write of the client get through and then loses its reply, once, below the client's own retries. The
 * function given back arms it.
 */
export function losingReplies(client: DynamoDBClient | S3Client): { readonly arm: () => void; readonly lost: () => number } {
  let armed = false;
  let lost = 0;
  const stack = client.middlewareStack as DynamoDBClient['middlewareStack'];
  stack.add(
    (next, context) => async (args) => {
      const reply = await next(args).then(
        (value) => () => value,
        (error: unknown) => () => {
          throw error;
        },
      );
      if (armed && writes.has(String(context.commandName))) {
        armed = false;
        lost++;
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET', name: 'TimeoutError' });
      }
      return reply();
    },
    { step: 'deserialize', priority: 'high', name: 'loseReply' },
  );
  return { arm: () => (armed = true), lost: () => lost };
}
