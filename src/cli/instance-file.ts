import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { controlClient } from '../control-api/client.ts';

const schema = z.object({
  instance: z.string(),
  pid: z.number().int().positive(),
  url: z.string(),
  /** Whether it ends with the job that `weir run` follows, or runs until it is stopped. */
  kind: z.enum(['foreground', 'background']),
  startedAt: z.number(),
  /** What AWS clients go by to reach the embedded AWS: endpoints, region, keys that mean nothing. */
  environment: z.record(z.string(), z.string()),
});

/** Who drives the jobs of a data directory: written there by the local cloud that does. */
export type LocalInstance = z.infer<typeof schema>;

const fileIn = (dataDirectory: string): string => join(dataDirectory, 'local.json');

export function writeInstance(dataDirectory: string, instance: LocalInstance): void {
  mkdirSync(dataDirectory, { recursive: true });
  const staged = `${fileIn(dataDirectory)}.${instance.pid}`;
  writeFileSync(staged, JSON.stringify(instance));
  renameSync(staged, fileIn(dataDirectory));
}

/** Leaves the file of another instance alone. */
export function removeInstance(dataDirectory: string, instance: string): void {
  if (readInstance(dataDirectory)?.instance === instance) rmSync(fileIn(dataDirectory), { force: true });
}

function readInstance(dataDirectory: string): LocalInstance | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(fileIn(dataDirectory), 'utf8')));
  } catch {
    return undefined;
  }
}

/** The local cloud that runs over this directory. A file that its process left behind when it was killed says nothing. */
export async function findInstance(dataDirectory: string): Promise<LocalInstance | undefined> {
  const found = readInstance(dataDirectory);
  if (found === undefined || !isAlive(found.pid)) return undefined;
  try {
    const { weir } = await controlClient(found.url).configuration({});
    return weir.instance === found.instance ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Whether it has ended in order, or is gone. Its file goes last; a process may linger after its end until it is waited for. */
export const hasEnded = (dataDirectory: string, { instance, pid }: LocalInstance): boolean =>
  readInstance(dataDirectory)?.instance !== instance || !isAlive(pid);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
