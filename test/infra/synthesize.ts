import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type IPolicyValidationPlugin, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll } from 'vitest';
import { ControlPlane, type ControlPlaneProps, StreamJob, type StreamJobProps } from '../../infra/index.ts';
import { repository } from '../end-to-end/weir-process.ts';

/** One for all apps of a test file, so that everything is bundled once. */
const outdir = mkdtempSync(join(tmpdir(), 'weir-synth-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

// AWS CDK's own check of templates takes most of a synthesis; the test of the example's app has it.
process.env['CDK_VALIDATION'] = 'false';

export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
}

export function testApp(): App {
  return new App({ outdir, analyticsReporting: false });
}

export function testStack(app = testApp(), id = 'Test'): Stack {
  return new Stack(app, id, { env: { account: '111111111111', region: 'eu-central-1' } });
}

export const exampleJob: string = join(repository, 'examples', 'word-count', 'job.ts');

/** A plane with one job. */
export function makeStack(
  plane: ControlPlaneProps = {},
  job: Partial<StreamJobProps> = {},
): { readonly stack: Stack; readonly plane: ControlPlane; readonly job: StreamJob } {
  const stack = testStack();
  const controlPlane = new ControlPlane(stack, 'Plane', plane);
  return { stack, plane: controlPlane, job: new StreamJob(stack, 'Job', { controlPlane, entry: exampleJob, slots: 3, ...job }) };
}

export function synthesize(plane: ControlPlaneProps = {}, job: Partial<StreamJobProps> = {}) {
  const made = makeStack(plane, job);
  return { ...made, template: Template.fromStack(made.stack) };
}

export const resourcesOf = (template: Template, type: string): Record<string, Resource> =>
  template.findResources(type) as Record<string, Resource>;

export interface Violation {
  readonly ruleName: string;
  readonly violatingConstructs: readonly { readonly constructPath?: string }[];
}

/** What a plugin that checks apps finds, as `rule at path`. */
export function findingsOf(stack: Stack, plugin: (app: App) => IPolicyValidationPlugin): readonly string[] {
  const app = stack.node.root as App;
  Validations.of(app).addPlugins(plugin(app));
  const said = console.error;
  // Findings are printed, too.
  console.error = () => {};
  try {
    app.synth();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ValidationFailed') throw error;
  } finally {
    console.error = said;
    process.exitCode = 0;
  }
  const report = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')) as {
    readonly pluginReports: readonly { readonly violations: readonly Violation[] }[];
  };
  if (report.pluginReports.length === 0) throw new Error('The plugin was not asked.');
  return report.pluginReports.flatMap(({ violations }) =>
    violations.flatMap(({ ruleName, violatingConstructs }) => violatingConstructs.map((each) => `${ruleName} at ${each.constructPath}`)),
  );
}
