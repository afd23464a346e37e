import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache } from './python-environment.ts';
import { lastLine, runProgram } from './run-program.ts';

const version = 'v1.8.0';
const program = join(cache, `versitygw-${version}`);

export type FoundGateway = { readonly kind: 'found'; readonly program: string } | { readonly kind: 'missing'; readonly why: string };

/** Versity's S3 gateway over a folder, compiled from its Go module at the first use on a machine; then it is there. */
export async function findGateway(): Promise<FoundGateway> {
  if (existsSync(program)) return { kind: 'found', program };
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, 'fetching-'));
  try {
    const module = `github.com/versity/versitygw/cmd/versitygw@${version}`;
    const ran = await runProgram('go', ['install', module], { environment: { GOBIN: fresh }, timeoutMs: 900_000 });
    if (ran.code !== 0)
      return { kind: 'missing', why: `go can't install ${module}: ${lastLine(ran.said) || 'there is no Go on this machine'}` };
    if (!existsSync(program)) renameSync(join(fresh, 'versitygw'), program);
    return { kind: 'found', program };
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
