import { WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { FunctionPublisher, WorkflowPublisher } from '../cloud/index.ts';
import type { ProgramSource } from '../protocol/deployment-record.ts';
import type { ProgramRecord, ProgramRef } from '../protocol/job-description.ts';
import type { ProgramPublisher, PublishOutcome } from './program-publisher.ts';
import {
  fillWorkflow,
  jobWorkflow,
  type WorkflowTexts,
  workflowName,
  workflowOrder,
  workflowPlaceholder,
  workflowType,
} from './workflow-definitions.ts';

type FunctionSource = Extract<ProgramSource, { readonly kind: 'functions' }>;

export interface VersionPublisherOptions {
  readonly functions: FunctionPublisher;
  readonly workflows: WorkflowPublisher;
  readonly texts: WorkflowTexts;
}

/**
 * Programs of published versions: one version of each function, and workflows under names that hold the digest of their
 * definition, which names those versions.
 */
export function versionPublisher({ functions, workflows, texts }: VersionPublisherOptions): ProgramPublisher {
  const order = workflowOrder(texts);

  const publishFunctions = async (
    source: FunctionSource,
    fingerprint: string,
  ): Promise<readonly string[] | Exclude<PublishOutcome, { kind: 'published' }>> => {
    const codes = JSON.parse(fingerprint) as Readonly<Record<string, string>>;
    const published = await atMost(functionsOf(source), async (functionArn) => {
      const code = codes[functionArn];
      return code === undefined
        ? ({ kind: 'changed' } as const)
        : await functions.publish(functionArn, { code, invoker: source.workflowRole });
    });
    for (const [index, version] of published.entries()) {
      const name = functionsOf(source)[index]!;
      if (version.kind === 'changed')
        return { kind: 'unpublishable', words: `Function ${name} was changed or deleted while this deployment was under way.` };
      if (version.kind === 'updating') return { kind: 'publishing', words: `Function ${name} is just being updated.` };
    }
    const versions = published.flatMap((version) => (version.kind === 'published' ? [version.versionArn] : []));
    const states = await atMost(versions, (versionArn) => functions.stateOf(versionArn));
    for (const [index, state] of states.entries()) {
      if (state === 'failed') return { kind: 'unpublishable', words: `Version ${versions[index]} could not be made ready by Lambda.` };
      if (state !== 'ready') return { kind: 'publishing', words: `Version ${versions[index]} is not ready yet.` };
    }
    return versions;
  };

  return {
    async fingerprint(source) {
      const names = functionsOf(asFunctions(source));
      const codes = await atMost(names, (functionArn) => functions.codeOf(functionArn));
      return JSON.stringify(Object.fromEntries(names.map((name, index) => [name, codes[index]])));
    },

    async publish(programId, given, fingerprint) {
      const source = asFunctions(given);
      const versions = await publishFunctions(source, fingerprint);
      if ('kind' in versions) return versions;
      const [coordinatorFunction, ...slotFunctions] = versions as readonly [string, ...string[]];
      const values: Record<string, string> = { CoordinatorFunctionArn: coordinatorFunction };
      const made: Record<string, string> = {};
      for (const workflow of order) {
        const definition = fillWorkflow(texts[workflow]!, values);
        const name = workflowName(source.workflowPrefix, workflow, definition);
        const outcome = await workflows.create({ name, type: workflowType(workflow), definition, role: source.workflowRole });
        if (outcome.kind === 'deleting') return { kind: 'publishing', words: `Workflow ${name} is still being deleted.` };
        values[workflowPlaceholder(workflow)] = outcome.workflowArn;
        made[workflow] = outcome.workflowArn;
      }
      return { kind: 'published', program: programOf(programId, slotFunctions, coordinatorFunction, made) };
    },

    async retire(program: ProgramRecord) {
      // What drives jobs goes first: nothing new begins then.
      for (const arn of workflowsOf(program)) await workflows.delete(arn);
      await atMost([...program.slotFunctions, program.coordinatorFunction], (versionArn) => functions.deleteVersion(versionArn));
    },

    deleteFunction: (functionArn) => functions.deleteFunction(functionArn),
  };
}

/** The coordinator comes first. */
const functionsOf = ({ coordinatorFunction, slotFunctions }: FunctionSource): readonly string[] => [coordinatorFunction, ...slotFunctions];

function programOf(
  programId: string,
  slotFunctions: readonly string[],
  coordinatorFunction: string,
  made: Readonly<Record<string, string>>,
): ProgramRef {
  const others = Object.entries(made).filter(([workflow]) => workflow !== jobWorkflow);
  const fields = Object.fromEntries(others.map(([workflow, arn]) => [`${workflow}Workflow`, arn]));
  return { programId, slotFunctions, coordinatorFunction, jobWorkflow: made[jobWorkflow]!, ...fields } as unknown as ProgramRef;
}

/** All of a program's workflows: those of later releases too. */
export const workflowsOf = (program: ProgramRef): readonly string[] =>
  Object.entries(program)
    .filter(([field]) => field.endsWith('Workflow'))
    .map(([, arn]) => String(arn))
    .sort((a, b) => Number(b === program.jobWorkflow) - Number(a === program.jobWorkflow));

function asFunctions(source: ProgramSource): FunctionSource {
  if (source.kind === 'functions') return source;
  throw new WeirError({
    code: 'UNSUPPORTED',
    domain: 'internal',
    message: `Program ${source.programId} was to be published from functions, but names none.`,
  });
}

/** In the order of what was given, so many at once. */
async function atMost<T, R>(given: readonly T[], work: (each: T) => Promise<R>): Promise<readonly R[]> {
  const done: R[] = [];
  for (let from = 0; from < given.length; from += limits.storeCallsAtOnceMax)
    done.push(...(await Promise.all(given.slice(from, from + limits.storeCallsAtOnceMax).map(work))));
  return done;
}
