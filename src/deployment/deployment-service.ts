import { checksumOf, utf8 } from '../base/bytes.ts';
import { messageOf, WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Cloud } from '../cloud/index.ts';
import { JobService } from '../job/job-service.ts';
import { RequestService } from '../job/request-service.ts';
import type { DeploymentOperation, DeploymentRecord, OperationOutcome, ProgramSource } from '../protocol/deployment-record.ts';
import { mayPass } from '../savepoint/may-pass.ts';
import type { Portable } from '../values/portable.ts';
import { type BeginOutcome, type BeginRequest, beginOperation } from './begin-operation.ts';
import { DeploymentStore } from './deployment-store.ts';
import type { ProgramPublisher } from './program-publisher.ts';
import { retireAll, retireUnneeded } from './retire-programs.ts';
import { canonicalText } from './same-value.ts';
import { UpgradeStages } from './upgrade-stages.ts';
import { type Next, nextOf } from './upgrade-transitions.ts';

export type { BeginRequest } from './begin-operation.ts';

export interface DeploymentServiceOptions {
  readonly publisher: ProgramPublisher;
  /** As JobService has it. */
  readonly stateRoot: string;
  /** As RequestService has them. */
  readonly savepointDirectory?: string;
  readonly local?: boolean;
}

export type StepReply =
  /** Ask again. `words`: what it is about. */
  | { readonly kind: 'working'; readonly stage: DeploymentOperation['stage']; readonly words: string }
  | { readonly kind: 'done'; readonly outcome: OperationOutcome }
  /** A newer operation has taken its place, or it was never begun. */
  | { readonly kind: 'superseded' };

/** Steps without a wait in between are bounded by the stages there are. */
const stepsMax = 30;

/**
 * Deployments, and the one operation of each that is in flight: see docs/DEPLOYMENT.md. Whoever polls an operation carries
 * it on, and the sweep does where nobody polls; several at once do the same.
 */
export class DeploymentService {
  readonly #cloud: Cloud;
  readonly #store: DeploymentStore;
  readonly #stages: UpgradeStages;
  readonly #publisher: ProgramPublisher;

  constructor(cloud: Cloud, { publisher, stateRoot, savepointDirectory, local = false }: DeploymentServiceOptions) {
    this.#cloud = cloud;
    this.#store = new DeploymentStore(cloud);
    this.#publisher = publisher;
    const directory = savepointDirectory === undefined ? {} : { savepointDirectory };
    const requests = new RequestService(cloud, { local, ...directory });
    this.#stages = new UpgradeStages({ cloud, publisher, requests, jobs: new JobService(cloud, { stateRoot }) });
  }

  /**
   * Begins an operation: durable when this returns; `step` carries it out. One that is in flight is fenced off, and what it
   * had begun is taken over. `nothing`: a deletion of what is not there. Throws DEPLOYMENT_NAME_INVALID, DEPLOYMENT_TAKEN.
   */
  async begin(request: BeginRequest): Promise<'begun' | 'known' | 'nothing'> {
    const { deployment, target } = request;
    if (!isName(deployment)) throw invalidName(deployment);
    const fingerprint = target === undefined ? undefined : await this.#publisher.fingerprint(target.source);
    const programId = target === undefined ? undefined : programIdOf(deployment, target.source);
    const now = this.#cloud.clock.now();
    const outcome = await this.#store.update<BeginOutcome>(deployment, (before) => {
      const begun = beginOperation(before, request, { now, programId, fingerprint });
      return begun.kind === 'begin' ? { answer: begun, put: begun.record } : { answer: begun };
    });
    if (outcome.kind === 'taken') throw taken(deployment, outcome.owner);
    return outcome.kind === 'begin' ? 'begun' : outcome.kind;
  }

  /** Carries an operation on for a while. What may pass is said in `words`, and tried again by the next step. */
  async step(deployment: string, id: string, budgetMs: number = limits.upgradeStepMs): Promise<StepReply> {
    const until = this.#cloud.clock.now() + budgetMs;
    let reply: StepReply = await this.#reply(deployment, id);
    for (let steps = 0; steps < stepsMax && reply.kind === 'working'; steps++) {
      try {
        const went = await this.#stepOnce(deployment, id);
        reply = await this.#reply(deployment, id, went.words);
        if (!went.on || this.#cloud.clock.now() >= until) return reply;
      } catch (error) {
        if (!mayPass(error)) throw error;
        return await this.#reply(deployment, id, `${messageOf(error)} It is tried again.`);
      }
    }
    return reply;
  }

  /** Carries on operations that nobody asks after, and takes away what no job needs; throws what was wrong at the end. */
  async sweep(): Promise<void> {
    const failures: unknown[] = [];
    for (const { name, operation } of await this.#store.list()) {
      try {
        if (operation !== undefined) await this.step(name, operation.id);
        await retireUnneeded(this.#parts, name);
      } catch (error) {
        if (!mayPass(error)) failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  /** By name; those that are deleted too. */
  async list(): Promise<readonly DeploymentRecord[]> {
    return await this.#store.list();
  }

  async get(name: string): Promise<DeploymentRecord | undefined> {
    return await this.#store.read(name);
  }

  get #parts() {
    return { cloud: this.#cloud, store: this.#store, publisher: this.#publisher };
  }

  async #reply(deployment: string, id: string, said = ''): Promise<StepReply> {
    const record = await this.#store.read(deployment);
    if (record?.operation?.id === id) return { kind: 'working', stage: record.operation.stage, words: said };
    return record?.last?.id === id ? { kind: 'done', outcome: record.last } : { kind: 'superseded' };
  }

  async #stepOnce(deployment: string, id: string): Promise<{ readonly on: boolean; readonly words: string }> {
    const record = await this.#store.read(deployment);
    const operation = record?.operation;
    if (record === undefined || operation?.id !== id) return { on: false, words: '' };
    const found = operation.stage === 'remove' ? await this.#remove(record) : await this.#stages.look(record, operation);
    const now = this.#cloud.clock.now();
    const next = nextOf(operation, found, { deployment, holder: record.job, now });
    if (next.kind === 'stay') return { on: false, words: next.words };
    const ended = await this.#store.update<boolean>(deployment, (current) => {
      // Another step was faster, or a newer operation is in flight: what was found says nothing any more.
      if (current?.operation?.id !== id || current.operation.stage !== operation.stage) return { answer: false };
      return {
        answer: next.kind === 'end',
        put: next.kind === 'go' ? { ...current, operation: next.operation } : over(current, operation, next, now),
      };
    });
    if (ended) await retireUnneeded(this.#parts, deployment).catch(ignorePassing);
    return { on: true, words: '' };
  }

  async #remove(record: DeploymentRecord) {
    return { kind: 'removed', words: await retireAll(this.#parts, record.name) } as const;
  }
}

function over(
  record: DeploymentRecord,
  operation: DeploymentOperation,
  next: Extract<Next, { kind: 'end' }>,
  at: number,
): DeploymentRecord {
  const { operation: _operation, ...rest } = record;
  const { id, kind } = operation;
  const last: OperationOutcome = {
    id,
    kind,
    outcome: next.outcome,
    words: next.words,
    at,
    ...(next.jobId === undefined ? {} : { jobId: next.jobId }),
    ...(next.savepoint === undefined ? {} : { savepoint: next.savepoint }),
  };
  const past = [...record.past, id].slice(-limits.pastOperationsMax);
  const adopted = next.adopted === true && operation.programId !== undefined;
  const runs = adopted ? { program: operation.programId!, target: operation.target } : {};
  return { ...rest, ...runs, last, past, ...(kind === 'delete' ? { deleted: true as const } : {}) };
}

/** The sweep takes away what is left. */
function ignorePassing(error: unknown): void {
  if (!mayPass(error)) throw error;
}

const isName = (name: string): boolean => name.length <= limits.deploymentNameCharactersMax && /^[A-Za-z0-9][A-Za-z0-9-]*$/.test(name);

/** The same sources are the same program. */
export function programIdOf(deployment: string, source: ProgramSource): string {
  if (source.kind === 'program') return source.programId;
  return `${deployment}-${checksumOf(utf8(canonicalText(source as unknown as Portable))).slice(0, 12)}`;
}

function invalidName(name: string): WeirError {
  return new WeirError({
    code: 'DEPLOYMENT_NAME_INVALID',
    domain: 'user',
    message: `The name of a deployment has 1 to ${limits.deploymentNameCharactersMax} letters, digits and hyphens, and begins with a letter or digit; found ${JSON.stringify(name.slice(0, 100))}.`,
    advice: 'Choose another name.',
  });
}

function taken(name: string, owner: string): WeirError {
  return new WeirError({
    code: 'DEPLOYMENT_TAKEN',
    domain: 'user',
    message: `There is a deployment "${name}" already, of ${owner}.`,
    advice: 'Give this one another name.',
    subject: { deployment: name },
  });
}
