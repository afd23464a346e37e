import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll } from 'vitest';
import { ControlPlane, type ControlPlaneProps, StreamJob, type StreamJobProps } from '../../infra/index.ts';
import { repository } from '../end-to-end/weir-process.ts';

/** One for all apps of a test file, so that everything is bundled once. */
const outdir = mkdtempSync(join(tmpdir(), 'weir-synth-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
}

export function testStack(): Stack {
  return new Stack(new App({ outdir, analyticsReporting: false }), 'Test', { env: { account: '111111111111', region: 'eu-central-1' } });
}

export const exampleJob = join(repository, 'examples', 'word-count', 'job.ts');

/** A plane with one job. */
export function synthesize(
  plane: ControlPlaneProps = {},
  job: Partial<StreamJobProps> = {},
): { readonly template: Template; readonly plane: ControlPlane; readonly job: StreamJob; readonly stack: Stack } {
  const stack = testStack();
  const controlPlane = new ControlPlane(stack, 'Plane', plane);
  const streamJob = new StreamJob(stack, 'Job', { controlPlane, entry: exampleJob, slots: 3, ...job });
  return { template: Template.fromStack(stack), plane: controlPlane, job: streamJob, stack };
}

export const resourcesOf = (template: Template, type: string): Record<string, Resource> =>
  template.findResources(type) as Record<string, Resource>;
