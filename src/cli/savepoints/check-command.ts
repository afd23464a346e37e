import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControlClient } from '../../control-api/client.ts';
import { programArguments } from '../../control-api/program-arguments.ts';
import { buildProgram } from '../build-program.ts';
import type { Terminal } from '../terminal.ts';
import { locationOf } from './location.ts';
import { renderRestorePlan } from './render-restore-plan.ts';
import { type ClientOptions, withClient } from './savepoint-command.ts';

/** As JSON: what has no value is left out. */
type GraphBody = NonNullable<Parameters<ControlClient['checkRestore']>[1]>['graph'];

export interface CheckOptions extends ClientOptions {
  readonly jobFile: string;
  readonly jobWords: readonly string[];
  readonly path: string;
  readonly allowNonRestoredState: boolean;
  readonly parallelism?: number;
}

/** `weir check`: 0 if a restore would go through. The graph is built here; nothing is started, written or claimed. */
export async function checkCommand(options: CheckOptions, terminal: Terminal): Promise<number> {
  const { jobFile, parallelism } = options;
  const directory = mkdtempSync(join(tmpdir(), 'weir-check-'));
  try {
    const args = programArguments(options.jobWords);
    const request = { jobFile, entries: {}, outDir: directory, args, ...(parallelism === undefined ? {} : { parallelism }) };
    const { jobGraph } = await buildProgram(request);
    const path = locationOf(options.path);
    const plan = await withClient(
      options,
      (client) =>
        client.checkRestore(
          {},
          { 'savepoint-path': path, allowNonRestoredState: options.allowNonRestoredState, graph: jobGraph as unknown as GraphBody },
        ),
      'look',
    );
    terminal.result(renderRestorePlan(options.path, plan), plan);
    return plan.kind === 'restorable' ? 0 : 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
