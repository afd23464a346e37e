import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { processIdentity } from './process-identity.ts';
import { writeJson } from './stored-json.ts';

/** What a child writes about itself when it starts: a busy one outlives a host that was killed. */
interface ChildRecord {
  readonly pid: number;
  readonly identity: string | undefined;
}

const recordPath = (folder: string, pid: number): string => join(folder, `${pid}.json`);

/** Called by the child itself, so that none can run without a record. */
export function recordThisProcess(folder: string): void {
  writeJson(recordPath(folder, process.pid), { pid: process.pid, identity: processIdentity(process.pid) } satisfies ChildRecord);
}

export function forgetChild(folder: string, pid: number): void {
  rmSync(recordPath(folder, pid), { force: true });
}

/** Ends the children that a host left behind, if they are still the processes that were recorded. Returns their ids. */
export function endLeftoverChildren(folder: string): readonly number[] {
  mkdirSync(folder, { recursive: true });
  const ended: number[] = [];
  for (const name of readdirSync(folder)) {
    const record = readRecord(join(folder, name));
    if (record?.identity !== undefined && processIdentity(record.pid) === record.identity) {
      process.kill(record.pid, 'SIGKILL');
      ended.push(record.pid);
    }
    rmSync(join(folder, name), { force: true });
  }
  return ended;
}

function readRecord(path: string): ChildRecord | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ChildRecord;
  } catch {
    return undefined;
  }
}
