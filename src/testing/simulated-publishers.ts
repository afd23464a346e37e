import { WeirError } from '../base/errors.ts';
import type { FunctionPublisher, Json, WorkflowPublisher } from '../cloud/index.ts';
import type { JobDefinition } from '../stream/define-job.ts';
import type { Caller, PortCalls } from './port-calls.ts';
import type { SimulatedCloud } from './simulated-cloud.ts';
import { defineCoordinator, defineSlot } from './simulated-deployment.ts';

interface DeployedFunction {
  readonly kind: 'slot' | 'coordinator';
  readonly code: string;
  readonly definition: JobDefinition;
  readonly versions: readonly { readonly arn: string; readonly code: string; readonly readyAt: number }[];
  /** The highest number given out: none is given twice. */
  readonly count: number;
}

/** Lambda makes a version ready a while after it was published. */
const readyAfterMs = 1_500;

/**
 * Functions with versions, and workflows that are made and taken away, in a simulated cloud. What is published runs there;
 * what is deleted does no more.
 */
export class SimulatedPublishers {
  readonly #cloud: SimulatedCloud;
  readonly #functions = new Map<string, DeployedFunction>();
  readonly #machines = new Map<string, string>();
  readonly #onDeleted: ((arn: string) => void)[] = [];

  constructor(cloud: SimulatedCloud) {
    this.#cloud = cloud;
  }

  /** As CloudFormation does: the function is there, and its code is this from now on; versions stay as they are. */
  deploy(functionArn: string, kind: DeployedFunction['kind'], code: string, definition: JobDefinition): void {
    const { versions = [], count = 0 } = this.#functions.get(functionArn) ?? {};
    this.#functions.set(functionArn, { kind, code, definition, versions, count });
  }

  /** Told of each version and workflow that goes. */
  onDeleted(tell: (arn: string) => void): void {
    this.#onDeleted.push(tell);
  }

  /** Versions and workflows that there are. */
  get published(): readonly string[] {
    return [...[...this.#functions.values()].flatMap(({ versions }) => versions.map(({ arn }) => arn)), ...this.#machines.keys()];
  }

  get functions(): readonly string[] {
    return [...this.#functions.keys()];
  }

  functionsFor(caller: Caller): FunctionPublisher {
    const call = this.#caller('versions', caller);
    return {
      codeOf: (arn) => call('codeOf', arn, () => this.#functions.get(arn)?.code),
      publish: (arn, { code }) => call('publish', arn, () => this.#publish(arn, code)),
      stateOf: (arn) => call('stateOf', arn, () => this.#stateOf(arn)),
      deleteVersion: (arn) => call('deleteVersion', arn, () => this.#deleteVersion(arn)),
      deleteFunction: (arn) => call('deleteFunction', arn, () => this.#deleteFunction(arn)),
    };
  }

  workflowsFor(caller: Caller): WorkflowPublisher {
    const call = this.#caller('machines', caller);
    return {
      create: ({ name, definition }) =>
        call('create', name, () => {
          const known = this.#machines.get(name);
          if (known !== undefined && known !== definition)
            throw new WeirError({
              code: 'SERVICE_FAILED',
              domain: 'internal',
              message: `Workflow ${name} exists, with another definition.`,
            });
          this.#machines.set(name, definition);
          if (known === undefined) this.#cloud.workflows.define(name, JSON.parse(definition) as Json);
          return { kind: 'created', workflowArn: name };
        }),
      delete: (arn) =>
        call('delete', arn, () => {
          if (this.#machines.delete(arn)) this.#gone(arn);
          this.#cloud.workflows.remove(arn);
        }),
    };
  }

  #caller(port: 'versions' | 'machines', caller: Caller) {
    const { calls } = this.#cloud;
    type Called = Parameters<PortCalls['perform']>[1]['operation'];
    return <T>(operation: string, target: string, effect: () => T): Promise<T> =>
      calls.perform(caller, {
        operation: `${port}.${operation}` as Called,
        target,
        effect,
        describe: (answer) => JSON.stringify(answer) ?? '',
      });
  }

  #publish(functionArn: string, code: string): Awaited<ReturnType<FunctionPublisher['publish']>> {
    const deployed = this.#functions.get(functionArn);
    if (deployed === undefined || deployed.code !== code) return { kind: 'changed' };
    const latest = deployed.versions.at(-1);
    if (latest?.code === code) return { kind: 'published', versionArn: latest.arn };
    const count = deployed.count + 1;
    const arn = `${functionArn}:${count}`;
    const version = { arn, code, readyAt: this.#cloud.clock.now() + readyAfterMs };
    this.#functions.set(functionArn, { ...deployed, count, versions: [...deployed.versions, version] });
    if (deployed.kind === 'slot') defineSlot(this.#cloud, arn, deployed.definition);
    else defineCoordinator(this.#cloud, arn, deployed.definition);
    return { kind: 'published', versionArn: arn };
  }

  #stateOf(versionArn: string): Awaited<ReturnType<FunctionPublisher['stateOf']>> {
    const version = [...this.#functions.values()].flatMap(({ versions }) => versions).find(({ arn }) => arn === versionArn);
    if (version === undefined) return 'missing';
    return version.readyAt <= this.#cloud.clock.now() ? 'ready' : 'pending';
  }

  #deleteVersion(versionArn: string): void {
    for (const [functionArn, deployed] of this.#functions) {
      const versions = deployed.versions.filter(({ arn }) => arn !== versionArn);
      if (versions.length === deployed.versions.length) continue;
      this.#functions.set(functionArn, { ...deployed, versions });
      this.#cloud.functions.remove(versionArn);
      this.#gone(versionArn);
    }
  }

  #deleteFunction(functionArn: string): void {
    for (const { arn } of this.#functions.get(functionArn)?.versions ?? []) this.#deleteVersion(arn);
    this.#functions.delete(functionArn);
  }

  #gone(arn: string): void {
    for (const tell of this.#onDeleted) tell(arn);
  }
}
