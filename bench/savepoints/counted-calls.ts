import type { FaultPlan, PortCall } from '../../src/testing/faults.ts';
import type { SimulatedCloud } from '../../src/testing/simulated-cloud.ts';
import { encodeValue } from '../../src/values/serializer.ts';

/** What the services were asked for, as AWS counts it for its prices. */
export interface Requests {
  readonly recordWrites: number;
  /** A unit for each KiB that was begun. */
  readonly writeUnits: number;
  readonly recordReads: number;
  /** A unit for each 4 KiB that were begun. */
  readonly readUnits: number;
  readonly objectPuts: number;
  readonly objectGets: number;
  readonly bytesPut: number;
  /** Calls of functions, by whoever. */
  readonly calls: number;
  /** Runs of Express workflows. */
  readonly runs: number;
}

/** Counts what a simulated cloud is asked for, by functions and by the client that waits. */
export class CountedCalls {
  #cloud: SimulatedCloud | undefined;
  #counts = nothing();

  readonly plan: FaultPlan = (call) => {
    this.#reads(call);
    return undefined;
  };

  watch(cloud: SimulatedCloud): void {
    this.#cloud = cloud;
    cloud.records.observe({
      onRecord: ({ before, after }) => {
        this.#counts.recordWrites++;
        this.#counts.writeUnits += units(Math.max(sizeOf(before?.fields), sizeOf(after?.fields)), 1_024);
      },
    });
    cloud.objects.observe({
      onPut: ({ after }) => {
        this.#counts.objectPuts++;
        this.#counts.bytesPut += after.byteLength;
      },
    });
  }

  /** Since the last time. */
  take(): Requests {
    const taken = this.#counts;
    this.#counts = nothing();
    return taken;
  }

  #reads({ operation, target }: PortCall): void {
    if (operation === 'objects.get') this.#counts.objectGets++;
    if (operation === 'functions.invoke') this.#counts.calls++;
    if (operation === 'workflows.startSyncExecution') this.#counts.runs++;
    if (operation !== 'records.get' && operation !== 'records.getMany') return;
    for (const name of target.split(',')) {
      const [partition = '', sort = ''] = name.split('|');
      this.#counts.recordReads++;
      this.#counts.readUnits += units(sizeOf(this.#cloud?.records.peek({ partition, sort })?.fields), 4_096);
    }
  }
}

const nothing = () => ({
  recordWrites: 0,
  writeUnits: 0,
  recordReads: 0,
  readUnits: 0,
  objectPuts: 0,
  objectGets: 0,
  bytesPut: 0,
  calls: 0,
  runs: 0,
});
const sizeOf = (fields: unknown): number => (fields === undefined ? 0 : encodeValue(fields).byteLength);
const units = (bytes: number, each: number): number => Math.max(1, Math.ceil(bytes / each));
