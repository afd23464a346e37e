import { WeirError } from '../../src/base/errors.ts';
import type { Cloud } from '../../src/cloud/index.ts';
import { type BeginRequest, DeploymentService } from '../../src/deployment/deployment-service.ts';
import { versionPublisher } from '../../src/deployment/version-publisher.ts';
import type { WorkflowTexts } from '../../src/deployment/workflow-definitions.ts';
import type { DeploymentRecord, DeploymentTarget, OperationOutcome } from '../../src/protocol/deployment-record.ts';
import type { JobDescription } from '../../src/protocol/job-description.ts';
import { isTerminal, type JobRecord } from '../../src/protocol/job-record.ts';
import { recordKeys } from '../../src/protocol/names.ts';
import type { JobDefinition } from '../../src/stream/define-job.ts';
import { DeploymentChecker } from '../../src/testing/checkers/deployment-checker.ts';
import type { Caller } from '../../src/testing/port-calls.ts';
import { workflowDefinition } from '../../src/testing/simulated-cloud.ts';
import { defineControl, savepointDirectory, stateRoot } from '../../src/testing/simulated-deployment.ts';
import { Environment } from '../../src/testing/simulated-functions.ts';
import { SimulatedPublishers } from '../../src/testing/simulated-publishers.ts';
import type { World } from '../simulation/support/world.ts';

const texts: WorkflowTexts = {
  job: JSON.stringify(workflowDefinition('job', {})),
  checkpoint: JSON.stringify(workflowDefinition('checkpoint', {})),
  group: JSON.stringify(workflowDefinition('group', {})),
};

const pollMs = 2_000;
const sweepMs = 300_000;
const retryMs = 700;
export const deployment = 'flights';

/** A version of the program, as a stack deploys it. */
export interface Version {
  /** Of the code: another name is another program. */
  readonly name: string;
  readonly definition: JobDefinition;
  readonly target?: Partial<DeploymentTarget>;
}

/** A world with one deployment, which a stack deploys and the Provider framework asks after. */
export class DeployedWorld {
  readonly world: World;
  readonly publishers: SimulatedPublishers;
  #requests = 0;
  #clients = 0;

  constructor(world: World) {
    this.world = world;
    const { cloud, violations } = world;
    this.publishers = new SimulatedPublishers(cloud);
    const checker = new DeploymentChecker(violations, cloud.records);
    this.publishers.onDeleted((arn) => checker.onDeleted(arn));
    cloud.records.observe({
      onRecord: ({ key, before, after }) => {
        if (before !== undefined || key.sort !== 'description' || after === undefined) return;
        const { jobId, restored } = after.fields as unknown as JobDescription;
        void world.watch(jobId, restored !== undefined);
      },
    });
    cloud.records.observe(checker);
    defineControl(cloud);
    void this.#sweep();
  }

  /** As cdk deploy does: first the functions, then the resource. Gives what the stack's events say. */
  async deploy(version: Version, options: Partial<BeginRequest> = {}): Promise<OperationOutcome> {
    const id = options.id ?? `request-${++this.#requests}`;
    await this.begin(version, { ...options, id });
    return await this.outcome(id);
  }

  async begin(version: Version, options: Partial<BeginRequest> & { readonly id: string }): Promise<void> {
    const { name, definition, target } = version;
    const source = this.#source(name, definition);
    const asked: DeploymentTarget = {
      source,
      args: {},
      checkpointIntervalMs: 1_000,
      mode: 'savepoint',
      allowNonRestoredState: false,
      ...target,
    };
    const kind = this.record === undefined ? 'create' : 'update';
    await this.#call((service) => service.begin({ deployment, owner: 'stack', kind, target: asked, ...options }));
  }

  async delete(id = `request-${++this.#requests}`): Promise<OperationOutcome> {
    await this.#call((service) => service.begin({ deployment, id, owner: 'stack', kind: 'delete' }));
    return await this.outcome(id);
  }

  /** Asked after as the Provider framework does, until it is there. */
  async outcome(id: string): Promise<OperationOutcome> {
    for (;;) {
      const reply = await this.step(id);
      if (reply.kind === 'done') return reply.outcome;
      if (reply.kind === 'superseded') throw new Error(`Operation ${id} was superseded.`);
      await this.world.cloud.clock.sleep(pollMs);
    }
  }

  step(id: string) {
    return this.#call((service) => service.step(deployment, id));
  }

  get record(): DeploymentRecord | undefined {
    return this.world.cloud.records.peek(recordKeys.deployment(deployment))?.fields as unknown as DeploymentRecord | undefined;
  }

  /** The record of the job that has the slots. */
  get job(): JobRecord {
    return this.world.record(this.record!.job!)!;
  }

  get description(): JobDescription {
    return this.world.cloud.records.peek(recordKeys.jobDescription(this.record!.job!))!.fields as unknown as JobDescription;
  }

  /** Ids of all jobs that are not ended. */
  get alive(): readonly string[] {
    return this.world.cloud.records
      .contents()
      .filter(({ key }) => key.partition.startsWith('job/') && key.sort === 'record')
      .map(({ fields }) => fields as unknown as JobRecord)
      .filter(({ status }) => !isTerminal(status))
      .map(({ jobId }) => jobId);
  }

  service(caller: Caller & Environment): DeploymentService {
    const cloud: Cloud = this.world.cloud.for(caller);
    const publisher = versionPublisher({
      functions: this.publishers.functionsFor(caller),
      workflows: this.publishers.workflowsFor(caller),
      texts,
    });
    return new DeploymentService(cloud, { publisher, stateRoot, savepointDirectory });
  }

  #source(code: string, definition: JobDefinition): DeploymentTarget['source'] {
    const slotFunctions = [0, 1].map((slot) => `${deployment}-slot-${slot}`);
    const coordinatorFunction = `${deployment}-coordinator`;
    for (const arn of slotFunctions) this.publishers.deploy(arn, 'slot', code, definition);
    this.publishers.deploy(coordinatorFunction, 'coordinator', code, definition);
    const names = { workflowRole: 'role', workflowPrefix: `${deployment}-`, workflowDigest: 'one' };
    return { kind: 'functions', codeDigest: code, slotFunctions, coordinatorFunction, ...names };
  }

  /** In an environment of its own, and in a fresh one after every loss and all that may pass. */
  async #call<T>(run: (service: DeploymentService) => Promise<T>): Promise<T> {
    const { cloud } = this.world;
    for (let tries = 0; ; tries++) {
      const environment = new Environment(`upgrade-${this.#clients++}`);
      const lost = new Promise<'again'>((resolve) => {
        environment.onLost = () => resolve('again');
      });
      const ran = run(this.service(environment)).catch((error: unknown) => {
        const passes = WeirError.is(error) && (error.domain === 'external' || error.domain === 'resources');
        if (passes && tries < 50) return 'again' as const;
        throw error;
      });
      const outcome = await Promise.race([lost, ran]);
      if (outcome !== 'again') return outcome;
      await cloud.clock.sleep(retryMs);
    }
  }

  async #sweep(): Promise<void> {
    for (;;) {
      await this.world.cloud.clock.sleep(sweepMs);
      await this.#call((service) => service.sweep());
    }
  }
}
