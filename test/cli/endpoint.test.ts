// A control API somewhere else is asked with --endpoint. Here it is that of a local cloud in the background.
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobFile, Workplace } from './weir-process.ts';

let place: Workplace;
let elsewhere: readonly string[];

beforeAll(async () => {
  place = new Workplace();
  writeFileSync(place.path('in.txt'), 'a\na\n');
  const { stdout } = await place.weir('local', 'start', '--json', '--data-dir', 'cloud', '--port', '0');
  elsewhere = ['--endpoint', (JSON.parse(stdout) as { readonly url: string }).url];
});
afterAll(async () => {
  await place.weir('local', 'stop', '--data-dir', 'cloud');
  await place[Symbol.asyncDispose]();
});

describe('an endpoint', () => {
  it('runs programs by name, and takes no files', async () => {
    const refused = await place.weir('run', ...elsewhere, jobFile('talking-job.ts'), '--', '--input', 'in.txt');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('takes the name of a deployed program, but');
    expect(refused.stderr).toContain('npx cdk deploy');

    const deployed = await place.weir('run', '-d', '--data-dir', 'cloud', jobFile('talking-job.ts'), '--', '--input', 'in.txt');
    expect(deployed.code).toBe(0);
    const jars = (await (await fetch(`${elsewhere[1]}/jars`)).json()) as { readonly files: readonly { readonly id: string }[] };
    const ran = await place.weir('run', ...elsewhere, jars.files[0]!.id, '--', '--input', place.path('in.txt'));
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toMatch(/Job has been submitted with JobID [0-9a-f]{32}/);
    expect(ran.stdout).toMatch(/is FINISHED/);
  });

  it('lists its jobs', async () => {
    const { stdout, code } = await place.weir('list', '-a', ...elsewhere);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\(FINISHED\)/);
  });
});
