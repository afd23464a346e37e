import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programArguments } from '../control-api/program-arguments.ts';
import type { JobGraph } from '../graph/job-graph.ts';
import { renderFlinkPlan } from '../graph/render-flink-plan.ts';
import { graphJson, renderJson } from '../graph/render-json.ts';
import { renderMermaid } from '../graph/render-mermaid.ts';
import { renderText } from '../graph/render-text.ts';
import type { BuiltJob } from '../stream/build-job.ts';
import { buildProgram } from './build-program.ts';
import { clientOf, type Endpoint } from './endpoint.ts';
import { isJobFile } from './program-named.ts';
import type { Terminal } from './terminal.ts';

export type PlanFormat = 'text' | 'mermaid' | 'flink' | 'json';

export interface PlanOptions {
  readonly jobFile: string;
  /** What stood after `--`. */
  readonly jobWords: readonly string[];
  readonly parallelism?: number;
  readonly format: PlanFormat;
  /** Of a control API somewhere else: knows programs by name. */
  readonly endpoint?: Endpoint;
}

/** `weir plan`: shows what a job would run, and runs, reads and keeps nothing. */
export async function planCommand(options: PlanOptions, terminal: Terminal): Promise<number> {
  if (options.endpoint !== undefined && !isJobFile(options.jobFile)) return await planDeployed(options, options.endpoint, terminal);
  const args = programArguments(options.jobWords);
  const directory = mkdtempSync(join(tmpdir(), 'weir-plan-'));
  try {
    const { jobFile, parallelism } = options;
    const built = await buildProgram({
      jobFile,
      entries: {},
      outDir: directory,
      args,
      ...(parallelism === undefined ? {} : { parallelism }),
    });
    terminal.result(planLines(built, options.format), { ...graphJson(built.streamGraph, built.jobGraph), warnings: built.warnings });
    // Text has them among its lines; the others are for programs.
    if (options.format !== 'text') for (const warning of built.warnings) terminal.note(`warning: ${warning}`);
    return 0;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The program says itself what it would run; how its streams were written is not kept there. */
async function planDeployed(options: PlanOptions, endpoint: Endpoint, terminal: Terminal): Promise<number> {
  const { jobFile: id, jobWords, parallelism, format } = options;
  const client = await clientOf(endpoint);
  const programArgs = programArguments(jobWords) as Record<string, string>;
  const { plan, weir } = await client.planProgram({ id }, { programArgs, ...(parallelism === undefined ? {} : { parallelism }) });
  const jobGraph = weir.jobGraph as JobGraph;
  const lines = {
    text: () => [...jobGraph.vertices.map(vertexLine), ...weir.warnings.map((warning) => `warning: ${warning}`)],
    mermaid: () => [renderMermaid(jobGraph)],
    flink: () => [JSON.stringify(plan, undefined, 2)],
    json: () => [JSON.stringify({ jobGraph }, undefined, 2)],
  };
  terminal.result(lines[format](), { jobGraph, warnings: weir.warnings });
  return 0;
}

const vertexLine = ({ name, parallelism, maxParallelism }: JobGraph['vertices'][number]): string =>
  `${name}: parallelism ${parallelism}, max parallelism ${maxParallelism}`;

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
