import { limits } from '../base/limits.ts';
import type { Cloud, RecordFields } from '../cloud/index.ts';
import type { DeploymentRecord } from '../protocol/deployment-record.ts';
import type { JobDescription, ProgramRecord } from '../protocol/job-description.ts';
import { isAlive, type JobRecord } from '../protocol/job-record.ts';
import { recordKeys } from '../protocol/names.ts';
import { functionsOf } from './begin-operation.ts';
import type { DeploymentStore } from './deployment-store.ts';
import type { ProgramPublisher } from './program-publisher.ts';

interface Parts {
  readonly cloud: Cloud;
  readonly store: DeploymentStore;
  readonly publisher: ProgramPublisher;
}

/**
 * Takes away the programs of a deployment that no live job needs, nor the next one, nor an operation in flight; and
 * functions that no target names, once no stack goes back to them any more. A program is marked in the deployment's record
 * first, so that no operation takes it up again while it goes; then it goes; then the mark does.
 */
export async function retireUnneeded(parts: Parts, name: string): Promise<void> {
  const record = await parts.store.read(name);
  if (record === undefined) return;
  const needed = await neededPrograms(parts.cloud, record);
  await retire(parts, name, (current) => current.job === record.job && current.operation?.id === record.operation?.id, needed);
  if (record.operation === undefined) await deleteFunctions(parts, name);
}

/** Of a deployment that is deleted: all that its job does not need; says what had to stay. */
export async function retireAll(parts: Parts, name: string): Promise<string> {
  const record = await parts.store.read(name);
  if (record === undefined) return '';
  const live = await programOfLiveJob(parts.cloud, record);
  const needed = new Set(live === undefined ? [] : [live]);
  await retire(parts, name, (current) => current.job === record.job && current.operation?.kind === 'delete', needed);
  if (live !== undefined) return `Job ${record.job} has not come to its end: its functions and workflows go when it has.`;
  for (const functionArn of record.functions) await parts.publisher.deleteFunction(functionArn);
  await parts.store.update(name, (current) =>
    current?.operation?.kind === 'delete' ? { answer: undefined, put: { ...current, functions: [] } } : { answer: undefined },
  );
  return '';
}

async function retire(
  { cloud, store, publisher }: Parts,
  name: string,
  stillSo: (current: DeploymentRecord) => boolean,
  needed: ReadonlySet<string>,
): Promise<void> {
  const going = await store.update<readonly string[]>(name, (current) => {
    if (current === undefined || !stillSo(current)) return { answer: [] };
    const more = current.programs.filter((id) => !needed.has(id) && !current.retiring.includes(id));
    const retiring = [...current.retiring, ...more];
    return more.length === 0 ? { answer: retiring } : { answer: retiring, put: { ...current, retiring } };
  });
  for (const programId of going) {
    await retireOne(cloud, publisher, programId);
    await store.update(name, (current) => {
      if (current?.retiring.includes(programId) !== true) return { answer: undefined };
      const without = (ids: readonly string[]) => ids.filter((id) => id !== programId);
      const taken = current.operation?.programId === programId;
      const programs = taken ? current.programs : without(current.programs);
      return { answer: undefined, put: { ...current, retiring: without(current.retiring), programs } };
    });
  }
}

/** The record stays, and says so: a late publication finds it changed. */
async function retireOne(cloud: Cloud, publisher: ProgramPublisher, programId: string): Promise<void> {
  const key = recordKeys.program(programId);
  const stored = await cloud.records.get(key);
  const program = stored?.fields as unknown as ProgramRecord | undefined;
  if (stored === undefined || program === undefined || program.retired === true) return;
  await publisher.retire(program);
  const { revision } = stored;
  await cloud.records.put(key, { ...program, retired: true } as unknown as RecordFields, { kind: 'revision', revision });
}

async function neededPrograms(cloud: Cloud, record: DeploymentRecord): Promise<ReadonlySet<string>> {
  const { program, operation } = record;
  const needed = new Set([program, operation?.programId].filter((id) => id !== undefined));
  const live = await programOfLiveJob(cloud, record);
  if (live !== undefined) needed.add(live);
  // The job that an operation may bring back.
  const old = operation?.old === undefined ? undefined : await descriptionOf(cloud, operation.old);
  if (old !== undefined) needed.add(old.program.programId);
  return needed;
}

/** Of the job that holds the slots, unless it has ended: one that is just being begun needs its program too. */
async function programOfLiveJob(cloud: Cloud, { job, leasedProgram }: DeploymentRecord): Promise<string | undefined> {
  if (job === undefined) return undefined;
  const record = (await cloud.records.get(recordKeys.job(job)))?.fields as unknown as JobRecord | undefined;
  return record !== undefined && !isAlive(record) ? undefined : leasedProgram;
}

const descriptionOf = async (cloud: Cloud, jobId: string): Promise<JobDescription | undefined> =>
  (await cloud.records.get(recordKeys.jobDescription(jobId)))?.fields as unknown as JobDescription | undefined;

/** An update that has just succeeded may still be taken back with its stack. */
async function deleteFunctions({ cloud, store, publisher }: Parts, name: string): Promise<void> {
  const record = await store.read(name);
  if (record === undefined || record.operation !== undefined || record.target === undefined || record.last === undefined) return;
  const deleted = record.deleted === true;
  if (!deleted && cloud.clock.now() - record.last.at < limits.functionGraceMs) return;
  const kept = deleted ? [] : functionsOf(record.target);
  const live = await programOfLiveJob(cloud, record);
  const program =
    live === undefined ? undefined : ((await cloud.records.get(recordKeys.program(live)))?.fields as unknown as ProgramRecord);
  const versions = program === undefined ? [] : [...program.slotFunctions, program.coordinatorFunction];
  const going = record.functions.filter((arn) => !kept.includes(arn) && !versions.some((version) => version.startsWith(`${arn}:`)));
  for (const functionArn of going) await publisher.deleteFunction(functionArn);
  if (going.length === 0) return;
  await store.update(name, (current) => {
    if (current === undefined || current.operation !== undefined) return { answer: undefined };
    return { answer: undefined, put: { ...current, functions: current.functions.filter((arn) => !going.includes(arn)) } };
  });
}
