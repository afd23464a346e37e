import { totalAccumulators } from '../../protocol/job-accumulators.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import type { BuiltJob } from '../../stream/build-job.ts';
import { encodeValue } from '../../values/serializer.ts';
import { ReferenceRun } from '../reference.ts';
import type { SimulatedClock } from '../simulated-clock.ts';
import type { SimulatedObjects } from '../simulated-object-store.ts';
import type { SimulatedRecords } from '../simulated-record-store.ts';
import { compareAccumulators, storedAccumulators } from './accumulator-checker.ts';
import { splitPositions } from './split-positions.ts';
import { StateChecker } from './state-checker.ts';
import type { Violations } from './violations.ts';
import { isVisible, visibleOutput } from './visible-output.ts';

export interface ReferenceCheckerOptions {
  readonly violations: Violations;
  readonly records: SimulatedRecords;
  readonly objects: SimulatedObjects;
  readonly clock: SimulatedClock;
  readonly job: BuiltJob;
  /** The job begins from a snapshot: its accumulators count from there, unlike the reference's. */
  readonly restored: boolean;
}

/**
 * Runs the reference beside the job: the state of each checkpoint is compared with it (invariant 3), and in the end what
 * the sinks made visible (invariant 4). For jobs whose results do not depend on the order between splits.
 */
export class ReferenceChecker {
  readonly #options: ReferenceCheckerOptions;
  readonly #reference: ReferenceRun;
  readonly #states: StateChecker;
  #jobId: string | undefined = undefined;

  static async over(options: ReferenceCheckerOptions): Promise<ReferenceChecker> {
    const { job, clock, objects } = options;
    return new ReferenceChecker(options, await ReferenceRun.over(job, { clock, objects: objects.immediate() }, { recordsPerRead: 1 }));
  }

  private constructor(options: ReferenceCheckerOptions, reference: ReferenceRun) {
    this.#options = options;
    this.#reference = reference;
    this.#states = new StateChecker({ ...options, reference, positionsOf: splitPositions });
  }

  onCommitted(manifest: Manifest, drained: boolean): void {
    const { violations, records } = this.#options;
    this.#jobId = manifest.jobId;
    this.#states.onCommitted(manifest, drained);
    if (this.#options.restored) return;
    const found = totalAccumulators(storedAccumulators(records, manifest.jobId));
    compareAccumulators(violations, found, this.#reference.accumulators, `the job at checkpoint ${manifest.checkpoint}`);
  }

  /**
   * Once the job has ended and its effects are clear: what is visible is what was committed. `stopped`: before the end of
   * its input, so that no more was to come than what its last checkpoint had read.
   */
  checkEnd(stopped: boolean): void {
    const { job, objects, violations } = this.#options;
    if (!stopped) this.#reference.runToEnd();
    const operators = job.jobGraph.vertices.flatMap((vertex) => vertex.operators);
    for (const node of job.streamGraph.nodes) {
      const body = job.bodies[node.node];
      if (body?.kind !== 'sink' || !isVisible(body.sink) || this.#jobId === undefined) continue;
      const { operatorId } = operators.find((operator) => operator.node === node.node)!;
      const name = node.uid ?? node.name;
      const wanted = sorted(this.#reference.sinks.get(name) ?? []);
      const found = sorted([...visibleOutput(objects, { sink: body.sink, operatorId, jobId: this.#jobId }).values()].flat());
      violations.expect(found.join() === wanted.join(), 4, () => `the output of ${name} differs: ${difference(wanted, found)}`);
    }
  }
}

const sorted = (values: readonly unknown[]): readonly string[] =>
  values.map((value) => Buffer.from(encodeValue(value)).toString('latin1')).toSorted();

function difference(wanted: readonly string[], found: readonly string[]): string {
  const left = new Map<string, number>();
  for (const value of wanted) left.set(value, (left.get(value) ?? 0) + 1);
  for (const value of found) left.set(value, (left.get(value) ?? 0) - 1);
  const missing = [...left].filter(([, count]) => count > 0);
  const surplus = [...left].filter(([, count]) => count < 0);
  const show = (values: readonly (readonly [string, number])[]) =>
    values
      .slice(0, 3)
      .map(([value, count]) => `${JSON.stringify(value)} ${count} times`)
      .join(', ') || 'nothing';
  return `of ${wanted.length} values ${show(missing)} is missing, of ${found.length} ${show(surplus)} is too many`;
}
