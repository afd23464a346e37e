import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Random, seededRandom } from '../base/random.ts';
import type { Cloud, Json } from '../cloud/index.ts';
import { deepFreeze } from '../graph/deep-freeze.ts';
import { ownPackageRoot } from '../program/own-package.ts';
import { type FaultPlan, noFaults } from './faults.ts';
import { type Caller, outside, PortCalls } from './port-calls.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { type Environment, SimulatedFunctions } from './simulated-functions.ts';
import { SimulatedObjects } from './simulated-object-store.ts';
import { SimulatedRecords } from './simulated-record-store.ts';
import { SimulatedWorkflows } from './simulated-workflows.ts';
import type { SimulatedWorld } from './simulated-world.ts';

export interface SimulatedCloudOptions {
  /** All that chance decides goes by it. */
  readonly seed?: number | string;
  readonly faults?: FaultPlan;
  /** See SimulatedFunctions. */
  readonly environmentsPerFunction?: number;
  /** What another cloud left, with the time at which it did. */
  readonly world?: SimulatedWorld | undefined;
}

/** A whole cloud in one process and in virtual time: every caller has its own view of the same ports. */
export class SimulatedCloud {
  readonly clock: SimulatedClock;
  readonly calls: PortCalls;
  readonly records: SimulatedRecords;
  readonly objects: SimulatedObjects;
  readonly functions: SimulatedFunctions;
  readonly workflows: SimulatedWorkflows;
  readonly #random: Random;

  constructor(options: SimulatedCloudOptions = {}) {
    const { seed = 1, faults = noFaults, environmentsPerFunction = 1, world } = options;
    this.clock = new SimulatedClock(world?.now);
    this.#random = seededRandom(`ids ${seed}`);
    const { clock } = this;
    const random = seededRandom(`chance ${seed}`);
    this.calls = new PortCalls({ clock, random: seededRandom(`latency ${seed}`), plan: faults });
    this.records = new SimulatedRecords(this.calls);
    this.objects = new SimulatedObjects(this.calls);
    this.functions = new SimulatedFunctions({ calls: this.calls, clock, random, environmentsPerFunction });
    this.workflows = new SimulatedWorkflows({ calls: this.calls, clock, random, functions: this.functions });
    for (const { key, fields } of world?.records ?? []) this.records.place(key, fields);
    for (const [uri, bytes] of world?.objects ?? []) this.objects.place(uri, bytes);
  }

  /** As it stands now. */
  get world(): SimulatedWorld {
    const { records, objects, clock } = this;
    return { now: clock.now(), records: records.contents(), objects: new Map(objects.names('').map((uri) => [uri, objects.peek(uri)!])) };
  }

  /** What code in this environment reaches; without one, somebody outside who is never lost. */
  for(environment?: Environment): Cloud {
    const caller: Caller = environment ?? outside;
    return {
      clock: environment?.clockOver(this.clock) ?? this.clock,
      random: this.#random,
      records: this.records.for(caller),
      objects: this.objects.for(caller),
      workflows: this.workflows.for(caller),
      functions: this.functions.for(caller),
    };
  }

  /** The end of the world: nothing happens any more. */
  stop(): void {
    this.workflows.stop();
    this.clock.stop();
  }
}

/** One of the workflow definitions that are deployed, with its placeholders filled: the same object for the same ones. */
export function workflowDefinition(name: 'job' | 'checkpoint' | 'group', placeholders: { readonly [placeholder: string]: string }): Json {
  const text = textOf(name).replaceAll(/\$\{(\w+)\}/g, (whole, placeholder: string) => placeholders[placeholder] ?? whole);
  const definition = definitions.get(text) ?? (deepFreeze(JSON.parse(text)) as Json);
  definitions.set(text, definition);
  return definition;
}

const texts = new Map<string, string>();
const definitions = new Map<string, Json>();

function textOf(name: string): string {
  const text = texts.get(name) ?? readFileSync(join(ownPackageRoot, 'infra', 'workflows', `${name}.asl.json`), 'utf8');
  texts.set(name, text);
  return text;
}
