// Catches: breakpoints in the user's .ts that are never hit, and jobs that fail because a debugger held them.
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InspectorClient } from './inspector-client.ts';
import { jobFile, Workplace } from './weir-process.ts';

const job = jobFile('debugged-job.ts');
const breakpointLine =
  readFileSync(job, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes('Here is the breakpoint')) + 1;
/** What a slot has for a level; a debugger holds it several times as long. */
const levelMs = 400;

let place: Workplace;

beforeAll(() => {
  place = new Workplace();
  writeFileSync(place.path('in.txt'), 'a\nb\n');
  process.env['WEIR_LEVEL_MS'] = String(levelMs);
});
afterAll(() => place[Symbol.asyncDispose]());

const events = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('weir run --inspect stops at a breakpoint in the job file for as long as it takes, and the job finishes', async () => {
  const run = place.start('run', '--inspect=0', '--memory', '--json', job, '--', '--input', 'in.txt');
  const [, address] = await run.said(/Debugger listening on (ws:[^"]*)/);
  const inspector = await InspectorClient.connect(address!);
  const breakpoint = await inspector.breakAt(pathToFileURL(job), breakpointLine);
  const { callFrames } = await inspector.untilHit(breakpoint);
  const { result } = await inspector.send<{ readonly result: { readonly value: string } }>('Debugger.evaluateOnCallFrame', {
    callFrameId: callFrames[0]!.callFrameId,
    expression: 'line',
  });
  expect(result.value).toBe('a');
  await pause(3 * levelMs);
  const again = await inspector.untilHit(breakpoint);
  expect(again.hitBreakpoints).toEqual([breakpoint]);
  await inspector.send('Debugger.disable');
  inspector.close();
  const { stdout, code } = await run.ended;
  expect(events(stdout).filter(({ print }) => print === true)).toMatchObject([{ message: 'A' }, { message: 'B' }]);
  expect(events(stdout).at(-1)).toMatchObject({ event: 'ended', state: 'FINISHED', restarts: 0, recordsIn: 2 });
  expect(code).toBe(0);
});

test('without an inspector a slot that takes so long is given up', async () => {
  const run = place.start('run', '--memory', '--json', job, '--', '--input', 'in.txt', '--block', String(3 * levelMs));
  await run.said(/"event":"restart".*The call had 400 ms/);
  run.interrupt();
  expect((await run.ended).code).toBe(130);
});

test('a port that is taken is refused before anything starts', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { readonly port: number };
  const { stderr, stdout, code } = await place.weir('run', `--inspect=${port}`, '--memory', job, '--', '--input', 'in.txt');
  server.close();
  expect(stderr).toContain(`error: The inspector of slot 0 can't listen on port ${port} of this machine: listen EADDRINUSE`);
  expect([stdout, code]).toEqual(['', 1]);
});

test('slots of a local cloud in the background are not inspected', async () => {
  const detached = await place.weir('run', '-d', '--inspect', job, '--', '--input', 'in.txt');
  expect(detached.stderr).toMatch(/^error: A detached run has no inspector.*\nLeave -d out, or --inspect\./);
  await place.weir('local', 'start', '--port', '0');
  const beside = await place.weir('run', '--inspect=0', job, '--', '--input', 'in.txt');
  expect(beside.stderr).toMatch(/^error: The slots of a job can't be inspected here: .*\nStop it with weir local stop/);
  expect([detached.code, beside.code]).toEqual([1, 1]);
});
