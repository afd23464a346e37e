import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, WeirError } from '../base/errors.ts';
import { programArguments } from '../control-api/program-arguments.ts';
import { renderFlinkPlan } from '../graph/render-flink-plan.ts';
import { graphJson, renderJson } from '../graph/render-json.ts';
import { renderMermaid } from '../graph/render-mermaid.ts';
import { renderText } from '../graph/render-text.ts';
import { bundleProgram } from '../program/bundle-program.ts';
import { loadJob } from '../program/load-job.ts';
import { type BuiltJob, buildJob } from '../stream/build-job.ts';
import type { JobDefinition } from '../stream/define-job.ts';
import type { Terminal } from './terminal.ts';

export type PlanFormat = 'text' | 'mermaid' | 'flink' | 'json';

export interface PlanOptions {
  readonly jobFile: string;
  /** What stood after `--`. */
  readonly jobWords: readonly string[];
  readonly parallelism?: number;
  readonly format: PlanFormat;
}

/** `weir plan`: shows what a job would run, and runs, reads and keeps nothing. */
export async function planCommand(options: PlanOptions, terminal: Terminal): Promise<number> {
  const args = programArguments(options.jobWords);
  // What fails in the author's code is shown in the lines he wrote.
  process.setSourceMapsEnabled(true);
  const directory = mkdtempSync(join(tmpdir(), 'weir-plan-'));
  try {
    const bundle = await bundleProgram({ jobFile: options.jobFile, entries: {}, outDir: directory });
    const definition = await loadJob(bundle.job, options.jobFile);
    const built = build(definition, args, options.parallelism);
    terminal.result(planLines(built, options.format), { ...graphJson(built.streamGraph, built.jobGraph), warnings: built.warnings });
    // Text has them among its lines; the others are for programs.
    if (options.format !== 'text') for (const warning of built.warnings) terminal.note(`warning: ${warning}`);
    return 0;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function build(definition: JobDefinition, args: unknown, parallelism: number | undefined): BuiltJob {
  try {
    return buildJob(definition, args, parallelism === undefined ? {} : { parallelism });
  } catch (error) {
    if (WeirError.is(error)) throw error;
    throw new WeirError({
      code: 'BUILD_FAILED',
      domain: 'program',
      message: `build() of job "${definition.name}" threw: ${messageOf(error)}`,
      advice: 'build() must be synchronous and pure: no I/O, clock or randomness.',
      cause: error,
    });
  }
}

function planLines({ streamGraph, jobGraph, warnings }: BuiltJob, format: PlanFormat): readonly string[] {
  switch (format) {
    case 'text':
      return [
        renderText(streamGraph, jobGraph),
        ...(warnings.length === 0 ? [] : ['', 'Warnings', ...warnings.map((warning) => `  ${warning}`)]),
      ];
    case 'mermaid':
      return [renderMermaid(jobGraph)];
    case 'flink':
      return [renderFlinkPlan(streamGraph)];
    case 'json':
      return [renderJson(streamGraph, jobGraph)];
  }
}
