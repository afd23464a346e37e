// Catches: a stack that does not synthesize, a workflow file that is no valid ASL, a placeholder that nobody fills.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { repository } from '../end-to-end/weir-process.ts';
import { resourcesOf, synthesize } from './synthesize.ts';

const require = createRequire(import.meta.url);
const validateAsl = require('asl-validator') as (definition: object) => { readonly isValid: boolean; errorsText(): string };
const workflows = ['job', 'checkpoint', 'group'] as const;
const definitionOf = (name: string): string => readFileSync(join(repository, 'infra', 'workflows', `${name}.asl.json`), 'utf8');

describe('the stack of the example', () => {
  let template: Template;
  beforeAll(() => {
    ({ template } = synthesize());
  });

  test('has one function per slot and one coordinator beside those of the plane, all on the same runtime', () => {
    const ours = Object.values(resourcesOf(template, 'AWS::Lambda::Function')).filter((each) =>
      /^Weir/.test(String(each.Properties['Description'])),
    );
    expect(ours.filter((each) => each.Properties['Handler'] === 'slot.handler')).toHaveLength(3);
    expect(ours.filter((each) => each.Properties['Handler'] === 'coordinator.handler')).toHaveLength(1);
    for (const { Properties } of ours) expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
  });

  test('keeps table, bucket and the functions of jobs when it is deleted', () => {
    template.allResources('AWS::DynamoDB::Table', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    template.allResources('AWS::S3::Bucket', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    const kept = Object.values(resourcesOf(template, 'AWS::Lambda::Function')).filter((each) => each.DeletionPolicy === 'Retain');
    expect(kept.map((each) => String(each.Properties['Handler'])).sort()).toEqual([
      'coordinator.handler',
      ...Array(3).fill('slot.handler'),
    ]);
  });
});

test('the app of cdk.json bundles the example and synthesizes', () => {
  const out = mkdtempSync(join(tmpdir(), 'weir-cdk-'));
  try {
    execFileSync(process.execPath, ['--conditions=weir-source', join('infra', 'app.ts')], {
      cwd: repository,
      env: { ...process.env, CDK_OUTDIR: out },
    });
    expect(readdirSync(out)).toContain('Weir.template.json');
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
});

describe.each(workflows)('%s.asl.json', (name) => {
  test('is valid Amazon States Language', () => {
    const result = validateAsl(
      JSON.parse(definitionOf(name).replaceAll(/\$\{(\w+)\}/g, 'arn:aws:lambda:us-east-1:000000000000:function:any')) as object,
    );
    expect(result.isValid, result.isValid ? '' : result.errorsText()).toBe(true);
  });

  test('gives every task a time limit of its own', () => {
    const states: object[] = [];
    JSON.parse(definitionOf(name), (_key, value: unknown) => {
      if (typeof value === 'object' && value !== null && (value as { Type?: unknown }).Type === 'Task') states.push(value);
      return value;
    });
    expect(states.length).toBeGreaterThan(1);
    for (const state of states) expect('TimeoutSeconds' in state || 'TimeoutSecondsPath' in state).toBe(true);
  });
});
