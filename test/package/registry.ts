import { tmpdir } from 'node:os';
import { run } from './stranger.ts';

export type Reached = { readonly kind: 'reached' } | { readonly kind: 'missing'; readonly why: string };

/** What npm says when nobody answers; anything else is a mistake of ours. */
const unreachable = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT)\b/;

/** Whether packages can be fetched: asked once, briefly. On CI they must be. */
export async function findRegistry(): Promise<Reached> {
  const patience = ['--fetch-retries=0', '--fetch-timeout=20000', '--prefer-online'];
  const { code, stdout, stderr } = await run(tmpdir(), ['npm', 'view', 'constructs@10.8.1', 'version', ...patience], process.env);
  const reason = unreachable.exec(`${stdout}${stderr}`)?.[1];
  if (code === 0 || reason === undefined || process.env['CI'] === 'true') return { kind: 'reached' };
  return { kind: 'missing', why: `npm can't reach its registry: ${reason}` };
}
