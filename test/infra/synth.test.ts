// Catches: a stack that does not synthesize, a workflow file that is no valid ASL, a placeholder that nobody fills.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WeirStack } from '../../infra/weir-stack.ts';
import { repository } from '../end-to-end/weir-process.ts';

const require = createRequire(import.meta.url);
const validateAsl = require('asl-validator') as (definition: object) => { readonly isValid: boolean; errorsText(): string };
const workflows = ['job', 'checkpoint'] as const;
const definitionOf = (name: string): string => readFileSync(join(repository, 'infra', 'workflows', `${name}.asl.json`), 'utf8');

describe('the stack', () => {
  let directory: string;
  let template: Template;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'weir-synth-'));
    for (const handler of ['slot', 'coordinator'])
      writeFileSync(join(directory, `${handler}.mjs`), 'export const handler = async () => ({});\n');
    template = Template.fromStack(new WeirStack(new App(), 'Weir', { bundleDirectory: directory, slots: 3 }));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('has one function per slot and one coordinator, on the same runtime', () => {
    template.resourceCountIs('AWS::Lambda::Function', 4);
    template.allResourcesProperties('AWS::Lambda::Function', { Runtime: 'nodejs24.x', Architectures: ['arm64'] });
  });

  test('keeps table and bucket when it is deleted', () => {
    template.allResources('AWS::DynamoDB::Table', { DeletionPolicy: 'Retain' });
    template.allResources('AWS::S3::Bucket', { DeletionPolicy: 'Retain' });
    template.hasResourceProperties('AWS::S3::Bucket', { PublicAccessBlockConfiguration: Match.objectLike({ BlockPublicPolicy: true }) });
    template.hasResourceProperties('AWS::DynamoDB::Table', { TimeToLiveSpecification: { AttributeName: 'x', Enabled: true } });
  });

  test('runs the workflow files as they are, with every placeholder filled', () => {
    const machines = Object.values(template.findResources('AWS::StepFunctions::StateMachine')) as {
      readonly Properties: {
        readonly DefinitionString: string;
        readonly DefinitionSubstitutions: object;
        readonly StateMachineType: string;
      };
    }[];
    expect(new Set(machines.map((machine) => machine.Properties.StateMachineType))).toEqual(new Set(['EXPRESS', 'STANDARD']));
    for (const { Properties } of machines) {
      expect(workflows.map(definitionOf)).toContain(Properties.DefinitionString);
      const placeholders = new Set([...Properties.DefinitionString.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1]));
      expect(new Set(Object.keys(Properties.DefinitionSubstitutions))).toEqual(placeholders);
    }
  });

  test('lets the job workflow start the checkpoint workflow, and the workflows call every function', () => {
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'states:StartSyncExecution' })]) },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'lambda:InvokeFunction' })]) },
    });
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
