// Catches: a template that CloudFormation refuses, or that names a property, a value or a reference which does not exist.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { repository } from '../../end-to-end/weir-process.ts';
import { pythonWith } from '../tools/python-environment.ts';
import { runProgram } from '../tools/run-program.ts';
import { withFound } from '../tools/with-found.ts';

const version = '1.58.0';

withFound('cfn-lint', await pythonWith(`cfn-lint-${version}`, `cfn-lint==${version}`), ({ python }) => {
  let out: string;
  beforeAll(() => {
    out = mkdtempSync(join(tmpdir(), 'weir-cfn-lint-'));
    // What `cdk synth` runs, by cdk.json.
    execFileSync(process.execPath, ['--conditions=weir-source', join('infra', 'app.ts')], {
      cwd: repository,
      env: { ...process.env, CDK_OUTDIR: out },
      stdio: 'pipe',
    });
  });
  afterAll(() => rmSync(out, { recursive: true, force: true }));

  // W3005, a dependency that is named twice, is the CDK's own habit: it lets every function wait for its role.
  const lint = (...words: readonly string[]) =>
    runProgram(python, [
      '-c',
      'import sys; from cfnlint.runner import main; sys.exit(main())',
      '--regions',
      'eu-central-1',
      '--ignore-checks',
      'W3005',
      '--',
      ...words,
    ]);

  test('finds nothing in the templates of the app of cdk.json', async () => {
    const templates = readdirSync(out).filter((name) => name.endsWith('.template.json'));
    expect(templates.length).toBeGreaterThan(0);
    const { code, said } = await lint(...templates.map((name) => join(out, name)));
    expect(said.trim()).toBe('');
    expect(code).toBe(0);
  });

  test('finds what is wrong in a template', async () => {
    const { code, said } = await lint(join(dirname(new URL(import.meta.url).pathname), 'wrong.template.json'));
    expect(code).not.toBe(0);
    expect(said).toContain('E3002');
  });
});
