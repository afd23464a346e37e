import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CreateStateMachineCommand, DeleteStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { functionEntries } from '../../functions/entries.ts';
import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { RecordFields, RecordStore } from '../cloud/index.ts';
import type { DeployRequest, ProgramRecord } from '../control-api/control-service.ts';
import type { ProgramPublisher } from '../deployment/program-publisher.ts';
import { workflowsOf } from '../deployment/version-publisher.ts';
import { fillWorkflow, type WorkflowTexts, workflowOrder, workflowPlaceholder, workflowType } from '../deployment/workflow-definitions.ts';
import type { LocalCloud } from '../local-cloud/index.ts';
import { bundleProgram, type ProgramBundle } from '../program/bundle-program.ts';
import { ownPackageRoot } from '../program/own-package.ts';
import type { ProgramRef } from '../protocol/job-description.ts';
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
export const slotsPerProgram = 32;
const slotMemoryMb = 2_048;
const coordinatorMemoryMb = 512;
/** A function is ended a little after the deadline at which it gives up by itself. */
const graceMs = 10_000;

export const coordinatorFunctionName = (programId: string): string => `weir-${programId}-coordinator`;

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
    const { jobFile, deployment } = request;
    const bundle = await bundleProgram({ jobFile, entries: functionEntries, outDir: join(directory, 'programs'), sourceMaps });
    const surroundings = [request.workingDirectory, ...Object.values(workflowTexts()), ...(deployment === undefined ? [] : [deployment])];
    const programId = `${bundle.programId}-${createHash('sha256').update(surroundings.join('\0')).digest('hex').slice(0, 8)}`;
    const stored = await records.get(recordKeys.program(programId));
    const known = stored?.fields as unknown as ProgramRecord | undefined;
    // One that is being taken away is made again once it is gone, by whoever deploys it.
    if (known !== undefined && (known.retired !== true || deployment !== undefined)) return known;

    this.#writeHandlers(programId, bundle, request.workingDirectory);
    const made = await this.#make(programId);
    const record: ProgramRecord = {
      ...made,
      name: request.name,
      createdAt: clock.now(),
      ...(deployment === undefined ? {} : { deployment }),
    };
    await records.put(recordKeys.program(programId), record as unknown as RecordFields, { kind: 'absent' });
    return record;
  }

  /** What deployments publish here was made when it was deployed; what was taken away since is made again. */
  get publisher(): ProgramPublisher {
    const { local } = this.#options;
    return {
      fingerprint: async () => '',
      publish: async (programId) => ({ kind: 'published', program: await this.#make(programId) }),
      async retire(program) {
        for (const arn of workflowsOf(program)) await deleteWorkflow(arn);
        for (const arn of [...program.slotFunctions, program.coordinatorFunction]) await local.deleteFunction(arn);
      },
      deleteFunction: async () => undefined,
    };
  }

  /** Functions and workflows of a program whose handlers are written. */
  async #make(programId: string): Promise<ProgramRef> {
    const handler = (name: 'slot' | 'coordinator'): string => join(this.#options.directory, 'handlers', programId, `${name}.mjs`);
    const slotNames = Array.from({ length: slotsPerProgram }, (_, slot) => slotFunctionName(programId, slot));
    const coordinatorFunction = await this.#makeFunction(coordinatorFunctionName(programId), handler('coordinator'), coordinator);
    const slotFunctions = await Promise.all(slotNames.map((name) => this.#makeFunction(name, handler('slot'), slot)));
    const texts = workflowTexts();
    const values: Record<string, string> = { CoordinatorFunctionArn: coordinatorFunction };
    for (const workflow of workflowOrder(texts)) {
      const name = `weir-${programId}-${workflow}`;
      values[workflowPlaceholder(workflow)] = await makeWorkflow(name, workflowType(workflow), fillWorkflow(texts[workflow]!, values));
    }
    return {
      programId,
      slotFunctions,
      coordinatorFunction,
      jobWorkflow: values['JobWorkflowArn']!,
      checkpointWorkflow: values['CheckpointWorkflowArn']!,
      groupWorkflow: values['GroupWorkflowArn']!,
    };
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
  #writeHandlers(programId: string, bundle: ProgramBundle, workingDirectory: string): void {
    const folder = join(this.#options.directory, 'handlers', programId);
    mkdirSync(folder, { recursive: true });
    for (const name of ['slot', 'coordinator'] as const) {
      const bundled = pathToFileURL(bundle.entries[name]!).href;
      writeFileSync(
        join(folder, `${name}.mjs`),
        `process.chdir(${JSON.stringify(workingDirectory)});\nexport const { handler } = await import(${JSON.stringify(bundled)});\n`,
      );
    }
  }
}

const slot = { timeoutMs: limits.prepareMsMax + graceMs, memoryMb: slotMemoryMb };
const coordinator = { timeoutMs: limits.epochMsMax, memoryMb: coordinatorMemoryMb };

const workflowTexts = (): WorkflowTexts =>
  Object.fromEntries(
    ['job', 'checkpoint', 'group'].map((name) => [
      name,
      readFileSync(join(ownPackageRoot, 'infra', 'workflows', `${name}.asl.json`), 'utf8'),
    ]),
  );

async function makeWorkflow(name: string, type: 'STANDARD' | 'EXPRESS', definition: string): Promise<string> {
  const client = new SFNClient({});
  try {
    const roleArn = 'arn:aws:iam::000000000000:role/weir-local';
    const made = await client.send(new CreateStateMachineCommand({ name, definition, roleArn, type }));
    return made.stateMachineArn!;
  } finally {
    client.destroy();
  }
}

async function deleteWorkflow(stateMachineArn: string): Promise<void> {
  const client = new SFNClient({});
  try {
    await client.send(new DeleteStateMachineCommand({ stateMachineArn }));
  } finally {
    client.destroy();
  }
}
