import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';

interface GatewayReply {
  readonly type: ResponseType;
  readonly status: number;
  /** First what happened, then what to do. */
  readonly errors: readonly string[];
}

/** What the gateway answers by itself, in the only shape of an error that clients of this API know. */
const replies = (auth: 'iam' | 'token' | 'none'): readonly GatewayReply[] => [
  { type: ResponseType.UNAUTHORIZED, status: 401, errors: ['This request has no valid authorization.', credentialsOf[auth]] },
  { type: ResponseType.ACCESS_DENIED, status: 403, errors: ['This request is not allowed to whoever sent it.', credentialsOf[auth]] },
  { type: ResponseType.INVALID_SIGNATURE, status: 403, errors: ['The signature of this request is not valid.', credentialsOf[auth]] },
  { type: ResponseType.EXPIRED_TOKEN, status: 403, errors: ['The credentials of this request have expired.', credentialsOf[auth]] },
  { type: ResponseType.INVALID_API_KEY, status: 403, errors: ['The API key of this request is not valid.'] },
  // So the gateway calls a route that it does not have, and, where it asks for a signature, a request without one.
  {
    type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
    status: 404,
    errors: auth === 'iam' ? ['Not found, or the request is not signed.', credentialsOf.iam] : ['Not found.'],
  },
  { type: ResponseType.RESOURCE_NOT_FOUND, status: 404, errors: ['Not found.'] },
  { type: ResponseType.BAD_REQUEST_BODY, status: 400, errors: ["The request's body is not as expected."] },
  { type: ResponseType.BAD_REQUEST_PARAMETERS, status: 400, errors: ["The request's parameters are not as expected."] },
  { type: ResponseType.REQUEST_TOO_LARGE, status: 413, errors: ["The request's body is too large."] },
  { type: ResponseType.UNSUPPORTED_MEDIA_TYPE, status: 415, errors: ["The request's body should be JSON."] },
  { type: ResponseType.THROTTLED, status: 429, errors: ['There are too many requests.', 'Try again in a moment.'] },
  { type: ResponseType.QUOTA_EXCEEDED, status: 429, errors: ['There have been too many requests.', 'Try again later.'] },
  { type: ResponseType.WAF_FILTERED, status: 403, errors: ["This request was filtered out by the account's firewall."] },
  { type: ResponseType.AUTHORIZER_FAILURE, status: 500, errors: ['The authorizer failed.', 'Look into its log.'] },
  {
    type: ResponseType.AUTHORIZER_CONFIGURATION_ERROR,
    status: 500,
    errors: ['The authorizer gave no valid answer.', 'Look into its log.'],
  },
  { type: ResponseType.API_CONFIGURATION_ERROR, status: 500, errors: ['The API is not configured as it should be.', 'Deploy it again.'] },
  {
    type: ResponseType.INTEGRATION_FAILURE,
    status: 502,
    errors: ['The function behind this route gave no answer; what it did is unknown.', 'Look before trying again.'],
  },
  {
    type: ResponseType.INTEGRATION_TIMEOUT,
    status: 504,
    errors: ['The function behind this route took too long; what it did is unknown.', 'Look before trying again.'],
  },
  { type: ResponseType.DEFAULT_4XX, status: 400, errors: ['The gateway refused this request.'] },
  { type: ResponseType.DEFAULT_5XX, status: 500, errors: ['The gateway failed.', 'Try again in a moment.'] },
];

const credentialsOf = {
  iam: 'Sign it (AWS Signature Version 4) as somebody who may execute-api:Invoke on this API.',
  token: 'Send the header "Authorization: Bearer <token>".',
  none: 'Ask whoever runs this API.',
} as const;

/** Makes every answer of the gateway itself `{"errors":[...]}`. */
export function addGatewayResponses(api: RestApi, auth: 'iam' | 'token' | 'none'): void {
  for (const { type, status, errors } of replies(auth)) {
    const isDefault = type === ResponseType.DEFAULT_4XX || type === ResponseType.DEFAULT_5XX;
    api.addGatewayResponse(type.responseType, {
      type,
      // The defaults stand for many: their own status says more.
      ...(isDefault ? {} : { statusCode: String(status) }),
      templates: { 'application/json': JSON.stringify({ errors }) },
    });
  }
}
