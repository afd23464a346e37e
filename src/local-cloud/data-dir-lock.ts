import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WeirError } from '../base/errors.ts';
import { processIdentity } from './process-identity.ts';

interface LockHolder {
  readonly pid: number;
  readonly identity: string | undefined;
}

/** Takes a directory for this process alone. Throws WeirError `DATA_DIR_IN_USE` while a living process has it. */
export function lockDataDir(dataDir: string): { release(): void } {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, 'host.lock');
  const mine = join(dataDir, `host.lock.${process.pid}`);
  const holder: LockHolder = { pid: process.pid, identity: processIdentity(process.pid) };
  writeFileSync(mine, JSON.stringify(holder));
  try {
    while (!tryLink(mine, path)) {
      const other = readHolder(path);
      if (other !== undefined && isAlive(other)) refuse(dataDir, other);
      rmSync(path, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return { release: () => rmSync(path, { force: true }) };
}

/** A link appears with its content, all at once, and only if there is none. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST') return false;
    throw thrown;
  }
}

function readHolder(path: string): LockHolder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as LockHolder;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, identity }: LockHolder): boolean {
  const found = processIdentity(pid);
  return found !== undefined && found === identity;
}

function refuse(dataDir: string, { pid }: LockHolder): never {
  throw new WeirError({
    code: 'DATA_DIR_IN_USE',
    domain: 'user',
    message: `Another embedded cloud, process ${pid}, uses the directory ${dataDir}.`,
    advice: 'Stop it first, or give this one another directory.',
    subject: { pid },
  });
}
