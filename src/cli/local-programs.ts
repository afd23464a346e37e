import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CreateStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { functionEntries } from '../../functions/entries.ts';
import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { RecordFields, RecordStore } from '../cloud/index.ts';
import type { DeployRequest, ProgramRecord } from '../control-api/control-service.ts';
import type { LocalCloud } from '../local-cloud/index.ts';
import { bundleProgram, type ProgramBundle } from '../program/bundle-program.ts';
import { ownPackageRoot } from '../program/own-package.ts';
import { recordKeys } from '../protocol/names.ts';

export interface LocalProgramsOptions {
  readonly local: LocalCloud;
  readonly records: RecordStore;
  readonly clock: Clock;
  /** Bundles go into `programs` under it, handlers into `handlers`. */
  readonly directory: string;
  /** Of the records: functions find its name in their environment. */
  readonly table: string;
  readonly sourceMaps: 'linked' | 'inline';
}

/** Slots that no job uses cost nothing here: they have no process. */
const slotsPerProgram = 32;
const slotMemoryMb = 2_048;
const coordinatorMemoryMb = 512;
/** A function is ended a little after the deadline at which it gives up by itself. */
const graceMs = 10_000;

export const slotFunctionName = (programId: string, slot: number): string => `weir-${programId}-slot-${slot}`;

export const isOfProgram = (functionName: string, programId: string | undefined): boolean =>
  programId !== undefined && functionName.startsWith(`weir-${programId}-`);

/** Deploys programs into the embedded cloud, as the stack does into AWS. */
export class LocalPrograms {
  readonly #options: LocalProgramsOptions;

  constructor(options: LocalProgramsOptions) {
    this.#options = options;
  }

  /**
   * Bundles a job file and makes its functions and workflows. A program is the bundle, the workflows and the directory it
   * runs in: deploying the same again changes nothing, and jobs that run on it don't notice.
   */
  async deploy(request: DeployRequest): Promise<ProgramRecord> {
    const { records, clock, directory, sourceMaps } = this.#options;
    const { jobFile } = request;
    const bundle = await bundleProgram({ jobFile, entries: functionEntries, outDir: join(directory, 'programs'), sourceMaps });
    const workflows = { job: workflowText('job'), checkpoint: workflowText('checkpoint'), group: workflowText('group') };
    const surroundings = [request.workingDirectory, ...Object.values(workflows)].join('\0');
    const programId = `${bundle.programId}-${createHash('sha256').update(surroundings).digest('hex').slice(0, 8)}`;
    const known = await records.get(recordKeys.program(programId));
    if (known !== undefined) return known.fields as unknown as ProgramRecord;

    const handlers = this.#writeHandlers(programId, bundle, request.workingDirectory);
    const slotNames = Array.from({ length: slotsPerProgram }, (_, slot) => slotFunctionName(programId, slot));
    const coordinatorFunction = await this.#makeFunction(`weir-${programId}-coordinator`, handlers.coordinator, coordinator);
    const slotFunctions = await Promise.all(slotNames.map((name) => this.#makeFunction(name, handlers.slot, slot)));
    const groupWorkflow = await makeWorkflow(`weir-${programId}-group`, 'EXPRESS', workflows.group, {
      CoordinatorFunctionArn: coordinatorFunction,
    });
    const checkpointWorkflow = await makeWorkflow(`weir-${programId}-checkpoint`, 'EXPRESS', workflows.checkpoint, {
      CoordinatorFunctionArn: coordinatorFunction,
      GroupWorkflowArn: groupWorkflow,
    });
    const jobWorkflow = await makeWorkflow(`weir-${programId}-job`, 'STANDARD', workflows.job, {
      CoordinatorFunctionArn: coordinatorFunction,
      CheckpointWorkflowArn: checkpointWorkflow,
      GroupWorkflowArn: groupWorkflow,
    });
    const record: ProgramRecord = {
      programId,
      slotFunctions,
      coordinatorFunction,
      jobWorkflow,
      checkpointWorkflow,
      groupWorkflow,
      name: request.name,
      createdAt: clock.now(),
    };
    await records.put(recordKeys.program(programId), record as unknown as RecordFields, { kind: 'absent' });
    return record;
  }

  async #makeFunction(name: string, handler: string, of: { readonly timeoutMs: number; readonly memoryMb: number }): Promise<string> {
    const made = await this.#options.local.createFunction({
      name,
      handler,
      export: 'handler',
      environment: { WEIR_TABLE: this.#options.table },
      ...of,
    });
    return made.functionArn;
  }

  /** Bundles know nothing of the directory that their relative paths start from: that is told before they are loaded. */
  #writeHandlers(
    programId: string,
    bundle: ProgramBundle,
    workingDirectory: string,
  ): { readonly slot: string; readonly coordinator: string } {
    const folder = join(this.#options.directory, 'handlers', programId);
    mkdirSync(folder, { recursive: true });
    const write = (name: 'slot' | 'coordinator'): string => {
      const file = join(folder, `${name}.mjs`);
      const bundled = pathToFileURL(bundle.entries[name]!).href;
      writeFileSync(
        file,
        `process.chdir(${JSON.stringify(workingDirectory)});\nexport const { handler } = await import(${JSON.stringify(bundled)});\n`,
      );
      return file;
    };
    return { slot: write('slot'), coordinator: write('coordinator') };
  }
}

const slot = { timeoutMs: limits.prepareMsMax + graceMs, memoryMb: slotMemoryMb };
const coordinator = { timeoutMs: limits.epochMsMax, memoryMb: coordinatorMemoryMb };

const workflowText = (name: string): string => readFileSync(join(ownPackageRoot, 'infra', 'workflows', `${name}.asl.json`), 'utf8');

async function makeWorkflow(
  name: string,
  type: 'STANDARD' | 'EXPRESS',
  text: string,
  placeholders: Readonly<Record<string, string>>,
): Promise<string> {
  const definition = text.replace(/\$\{(\w+)\}/g, (whole, placeholder: string) => placeholders[placeholder] ?? whole);
  const client = new SFNClient({});
  try {
    const roleArn = 'arn:aws:iam::000000000000:role/weir-local';
    const made = await client.send(new CreateStateMachineCommand({ name, definition, roleArn, type }));
    return made.stateMachineArn!;
  } finally {
    client.destroy();
  }
}
