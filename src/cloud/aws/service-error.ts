import { messageOf, WeirError } from '../../base/errors.ts';

/** A call of a service, as errors tell of it. */
export interface ServiceCall {
  /** As AWS spells it: `DynamoDB`, `S3`. */
  readonly service: string;
  readonly operation: string;
  /** What the call was about: a table, a URI, an ARN. */
  readonly on: string;
}

interface ServiceFailure {
  readonly name: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number; readonly requestId?: string };
  readonly $retryable?: { readonly throttling?: boolean };
  readonly code?: string;
}

const throttled = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'Throttling',
  'RequestLimitExceeded',
  'TooManyRequestsException',
  'RequestThrottled',
  'SlowDown',
  'TooManyUpdates',
]);
const missing = new Set(['ResourceNotFoundException', 'NoSuchBucket', 'StateMachineDoesNotExist']);
const refused = new Set(['AccessDeniedException', 'AccessDenied', 'AllAccessDisabled', 'KMSAccessDeniedException', 'Forbidden']);
const badCredentials = new Set([
  'CredentialsProviderError',
  'TokenProviderError',
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'InvalidAccessKeyId',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'MissingAuthenticationTokenException',
]);

/** How often the client library tried before it gave this up; 1 if it doesn't say. */
export const attemptsOf = (thrown: unknown): number => (thrown as Partial<ServiceFailure> | undefined)?.$metadata?.attempts ?? 1;

export const nameOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.name : '');

/** What a failed call means for whoever has to act; the service's own error is kept as the cause. */
export function serviceError(call: ServiceCall, thrown: unknown): WeirError {
  if (WeirError.is(thrown)) return thrown;
  const failure = thrown as Partial<ServiceFailure>;
  const name = nameOf(thrown);
  const what = `${call.service} ${call.operation} on "${call.on}"`;
  const subject = { service: call.service, operation: call.operation, on: call.on };
  const said = `${name === '' ? '' : `${name}: `}${messageOf(thrown).replace(/\.$/, '')}`;
  if (throttled.has(name) || failure.$retryable?.throttling === true) {
    return new WeirError({
      code: 'THROTTLED',
      domain: 'resources',
      message: `${what} was throttled: ${said}.`,
      advice: 'Try again later, or raise the limit.',
      subject,
      cause: thrown,
    });
  }
  if (missing.has(name)) {
    return new WeirError({
      code: 'CLOUD_RESOURCE_MISSING',
      domain: 'user',
      message: `${what} should find what it is about, but there is none: ${said}.`,
      advice: `Check the name, the region and the account, and that the deployment is complete.`,
      subject,
      cause: thrown,
    });
  }
  if (refused.has(name) || failure.$metadata?.httpStatusCode === 403) {
    return new WeirError({
      code: badCredentials.has(name) ? 'CLOUD_CREDENTIALS' : 'CLOUD_ACCESS_DENIED',
      domain: 'user',
      message: `${what} was refused: ${said}.`,
      advice: badCredentials.has(name)
        ? 'Renew the AWS credentials that this process runs with.'
        : `Allow this operation to the role or user that this process runs as.`,
      subject,
      cause: thrown,
    });
  }
  if (badCredentials.has(name) || /region is missing/i.test(messageOf(thrown))) {
    return new WeirError({
      code: 'CLOUD_CREDENTIALS',
      domain: 'user',
      message: `${what} needs a region and valid AWS credentials: ${said}.`,
      advice: 'Set them as for every AWS tool, e.g. by AWS_PROFILE and AWS_REGION.',
      subject,
      cause: thrown,
    });
  }
  return new WeirError({
    code: 'SERVICE_FAILED',
    domain: 'external',
    message: `${what} failed: ${said}.`,
    advice: 'Its outcome is unknown; read before concluding.',
    subject,
    cause: thrown,
  });
}
