import { messageOf, WeirError } from '../base/errors.ts';
import type { AuthenticateRequest, ControlClient } from '../control-api/client.ts';

export const authentications = ['iam', 'token', 'none'] as const;
export type Authentication = (typeof authentications)[number];

/** A control API somewhere else. */
export interface Endpoint {
  readonly url: string;
  readonly auth: Authentication;
  /** Of API Gateway's endpoint; for `iam`. */
  readonly region?: string;
  /** For `token`. */
  readonly token?: string;
}

interface Said {
  readonly endpoint?: string;
  readonly auth?: Authentication;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What the command line and the environment say of a control API. Unless `auth` says how, a request has the token of
 * WEIR_TOKEN if there is one, else is signed if the host is API Gateway's, else has nothing. Throws BAD_COMMAND.
 */
export function endpointOf({ endpoint, auth: said }: Said, environment: Environment): Endpoint | undefined {
  if (endpoint === undefined) return undefined;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '' || url.hash !== '') {
    throw badEndpoint(
      `The endpoint of a control API should be a URL such as https://a1b2c3.execute-api.eu-central-1.amazonaws.com/v1, but this is "${endpoint}".`,
    );
  }
  const token = environment['WEIR_TOKEN']?.trim() || undefined;
  const ofGateway = gatewayHost.exec(url.hostname);
  const auth = said ?? (token !== undefined ? 'token' : ofGateway !== null ? 'iam' : 'none');
  if (auth === 'iam') return { url: endpoint, auth, region: ofGateway?.[1] ?? regionOf(environment, endpoint) };
  if (auth === 'none') return { url: endpoint, auth };
  if (token === undefined) throw badEndpoint('A token should be in the environment variable WEIR_TOKEN, but there is none.');
  if (url.protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)) {
    throw badEndpoint(`The token would go to ${endpoint} for everybody to read on its way: expected https.`);
  }
  return { url: endpoint, auth, token };
}

/** Also of an endpoint in a VPC, and in China. */
const gatewayHost = /\.execute-api\.([a-z0-9-]+)\.(?:amazonaws\.com|amazonaws\.com\.cn|vpce\.amazonaws\.com|api\.aws)$/;

function regionOf(environment: Environment, endpoint: string): string {
  const region = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'];
  if (region) return region;
  throw badEndpoint(`To sign requests to ${endpoint}, its region should be in the environment variable AWS_REGION, but there is none.`);
}

const badEndpoint = (message: string): WeirError =>
  new WeirError({ code: 'BAD_COMMAND', domain: 'user', message, advice: 'See weir list --help for --endpoint and --auth.' });

/** The client, and what signs, are loaded only where they are needed. */
export async function clientOf({ url, auth, region, token }: Endpoint): Promise<ControlClient> {
  const { controlClient } = await import('../control-api/client.ts');
  switch (auth) {
    case 'none':
      return controlClient(url);
    case 'token':
      return controlClient(url, { authenticate: async ({ headers }) => ({ ...headers, authorization: `Bearer ${token}` }) });
    case 'iam':
      return controlClient(url, { authenticate: await signing(region!) });
  }
}

async function signing(region: string): Promise<AuthenticateRequest> {
  const [{ defaultProvider }, { signRequests }] = await Promise.all([
    import('@aws-sdk/credential-provider-node'),
    import('../control-api/sign-requests.ts'),
  ]);
  const provider = defaultProvider();
  const credentials = async () => {
    try {
      return await provider();
    } catch (cause) {
      throw new WeirError({
        code: 'NO_CREDENTIALS',
        domain: 'user',
        message: `To sign requests to the control API, AWS credentials are needed, but none were found: ${messageOf(cause)}`,
        advice: 'Configure them as for every AWS tool (AWS_PROFILE, aws sso login), or say --auth token or --auth none.',
        cause,
      });
    }
  };
  return signRequests({ region, credentials });
}
