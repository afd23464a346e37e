// Catches: a command that can't be ended, one that leaves busy functions behind, and one that crashes when nobody reads it.
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { colorsFor } from '../../src/cli/colors.ts';
import { flights, flightsJob, jobFile, Workplace } from './weir-process.ts';

let place: Workplace;

beforeEach(() => {
  place = new Workplace();
  writeFileSync(place.path('in.txt'), 'a\n');
});
afterEach(() => place[Symbol.asyncDispose]());

const forAnHour = ['--', '--input', 'in.txt', '--block', '3600000'];
const weir = fileURLToPath(new URL('../../scripts/weir.mjs', import.meta.url));
const slow = ['--checkpoint-interval', '100', '--', '--input', flights, '--output', 'out', '--rate', '200'];

/** Of which functions there are processes still. */
function functionsAlive(): readonly string[] {
  const processes = execFileSync('ps', ['-A', '-ww', '-o', 'stat=,command='], { encoding: 'utf8' }).split('\n');
  return processes
    .filter((line) => line.includes(place.directory) && !line.startsWith('Z'))
    .flatMap((line) => /"functionName":"weir-[^"]*?-(slot-\d+|coordinator)"/.exec(line)?.[1] ?? []);
}

describe('weir run', () => {
  it('says all there is to say to a reader that is slow', async () => {
    const job = fileURLToPath(new URL('../../examples/savepoint-guide/job.ts', import.meta.url));
    const words = ['run', '--memory', job, '--', '--count', '30000', '--rate', '1000000'];
    const child = spawn(process.execPath, [weir, ...words], { cwd: place.directory, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    let said = '';
    child.stdout.on('data', (part: Buffer) => (said += part.toString()));
    child.stdout.pause();
    // Long enough for a command to end that does not wait for its reader.
    await Promise.race([ended, pause(5_000)]);
    child.stdout.resume();
    expect(await ended).toBe(0);
    expect(said.match(/^\{ number: /gm)).toHaveLength(30_000);
    expect(said).toContain('is FINISHED');
  });

  it('ends at an interrupt while a function never yields, says how to go on, and leaves no process behind', async () => {
    const run = place.start('run', jobFile('debugged-job.ts'), ...forAnHour);
    const [, jobId] = await run.said(/JobID ([0-9a-f]{32})/);
    await expect.poll(functionsAlive, { timeout: 30_000 }).toContain('slot-0');
    run.interrupt();
    const { code, stderr } = await run.ended;
    expect(stderr).toBe(`The job stays as of checkpoint 0; to go on: weir run --resume ${jobId}\n`);
    expect(code).toBe(130);
    await expect.poll(functionsAlive, { timeout: 30_000 }).toEqual([]);
  });

  it('ends at once at a second interrupt, and leaves no process behind either', async () => {
    const run = place.start('run', jobFile('debugged-job.ts'), ...forAnHour);
    await run.said(/JobID/);
    await expect.poll(functionsAlive, { timeout: 30_000 }).toContain('slot-0');
    run.interrupt();
    run.interrupt();
    const { code } = await run.ended;
    expect(code).toBe(130);
    await expect.poll(functionsAlive, { timeout: 30_000 }).toEqual([]);
  });

  it('ends as if interrupted when nobody reads its output any more, without a word of a broken pipe', async () => {
    const child = spawn(process.execPath, [weir, 'run', flightsJob, ...slow], { cwd: place.directory, stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(stderr).toMatch(/^The job stays as of checkpoint \d+; to go on: weir run --resume [0-9a-f]{32}\n$/);
    expect(code).toBe(141);
  });

  it('prints no escape sequences where there is no terminal', async () => {
    const { stdout, stderr } = await place.weir('run', jobFile('debugged-job.ts'), '--memory', '--', '--input', 'in.txt');
    expect(stdout + stderr).not.toContain('\u001b');
    expect(stdout).toContain('\nA\n');
  });
});

describe('colors', () => {
  afterEach(() => void delete process.env['NO_COLOR']);

  it('are for terminals, unless NO_COLOR is set to anything', () => {
    const red = (isTTY: boolean | undefined) => colorsFor(isTTY === undefined ? {} : { isTTY }).red('x');
    delete process.env['NO_COLOR'];
    expect([red(true), red(false), red(undefined)]).toEqual(['\u001b[31mx\u001b[39m', 'x', 'x']);
    process.env['NO_COLOR'] = '1';
    expect(red(true)).toBe('x');
  });
});
