/*
 * How our clients differ from the SDK's defaults: a call that hangs is given up and repeated, instead of taking a whole
 * deadline with it. Region, credentials, endpoints and numbers of tries are configured as for every AWS tool.
 * Connections are kept alive, which is the SDK's default.
 */

const hurried = (requestTimeoutMs: number) => ({ connectionTimeout: 3_000, requestTimeout: requestTimeoutMs, throwOnRequestTimeout: true });

export const recordClientSettings = { requestHandler: hurried(5_000) };
export const workflowClientSettings = { requestHandler: hurried(10_000) };
export const objectClientSettings = () => ({
  requestHandler: hurried(60_000),
  // Whatever stands in for S3 has no host name per bucket.
  forcePathStyle: (process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL) !== undefined,
});
/** Functions take their time. */
export const functionClientSettings = { requestHandler: { connectionTimeout: 3_000 } };
