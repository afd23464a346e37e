import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { systemClock } from '../../src/base/clock.ts';

export interface MeasuredRun {
  readonly elapsedMs: number;
  /** User and system time of the command and all processes it started and waited for. */
  readonly cpuSeconds: number;
  readonly stdout: string;
}

/**
 * Runs this Node with some arguments, to its end. A shell in between says how much processor time it took, all its
 * children included: that is what POSIX's `times` tells and Node doesn't.
 */
export async function runMeasured(args: readonly string[]): Promise<MeasuredRun> {
  const startedAt = systemClock.now();
  const child = spawn('/bin/sh', ['-c', '"$@"; code=$?; times >&3; exit $code', 'sh', process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const outputs = [child.stdout, child.stderr, child.stdio[3]].map((stream) => text(stream as NodeJS.ReadableStream));
  const [code] = (await once(child, 'exit')) as [number | null];
  const elapsedMs = systemClock.now() - startedAt;
  const [stdout, stderr, times] = (await Promise.all(outputs)) as [string, string, string];
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code ?? 'a signal'}:\n${stdout}${stderr}`);
  return { elapsedMs, cpuSeconds: childrensSeconds(times), stdout };
}

/** The second line of `times`: `0m1.230s 0m0.120s`, user and system. */
function childrensSeconds(times: string): number {
  const found = [...(times.trim().split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  return found.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}
