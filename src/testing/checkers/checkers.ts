import type { JobRecord } from '../../protocol/job-record.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import { recordKeys } from '../../protocol/names.ts';
import type { BuiltJob } from '../../stream/build-job.ts';
import type { SimulatedCloud } from '../simulated-cloud.ts';
import { jobRecordChecker } from './job-record-checker.ts';
import { KeptChecker } from './kept-checker.ts';
import { ManifestChecker } from './manifest-checker.ts';
import { OutputChecker } from './output-checker.ts';
import { ReferenceChecker } from './reference-checker.ts';
import { RequestChecker } from './request-checker.ts';
import { SubtaskChecker } from './subtask-checker.ts';
import { Violations } from './violations.ts';
import { writtenOnceChecker } from './written-once-checker.ts';

export interface CheckersOptions {
  readonly cloud: SimulatedCloud;
  readonly jobId: string;
  /** The job begins from a snapshot. Default: false. */
  readonly restored?: boolean;
  /** To be compared with a reference run of one thread; left out: not compared. */
  readonly referenceJob?: BuiltJob;
  /** To be compared with a reference run of the same subtasks and cuts; left out: not compared. */
  readonly subtasksOf?: BuiltJob;
}

/** All that judges a run: they watch every change of what is stored, in the instant it happens, and the end. */
export class Checkers {
  readonly violations: Violations;
  readonly #manifests: ManifestChecker;
  readonly #output: OutputChecker;
  readonly #requests: RequestChecker;
  readonly #references: readonly (ReferenceChecker | SubtaskChecker)[];

  static async over({ cloud, jobId, restored = false, referenceJob, subtasksOf }: CheckersOptions): Promise<Checkers> {
    const violations = new Violations();
    const { records, objects, clock } = cloud;
    const parts = { violations, records, objects, clock };
    const references: (ReferenceChecker | SubtaskChecker)[] = [];
    if (referenceJob !== undefined) references.push(await ReferenceChecker.over({ ...parts, job: referenceJob, restored }));
    if (subtasksOf !== undefined) references.push(await SubtaskChecker.over({ ...parts, job: subtasksOf }));
    return new Checkers(cloud, jobId, violations, references);
  }

  private constructor(
    cloud: SimulatedCloud,
    jobId: string,
    violations: Violations,
    references: readonly (ReferenceChecker | SubtaskChecker)[],
  ) {
    const { records, objects } = cloud;
    this.violations = violations;
    this.#references = references;
    this.#output = new OutputChecker(violations, (stagedUri) => {
      const ids: readonly string[] = stagedUri.match(/[0-9a-f]{32}/g) ?? [];
      return !ids.includes(jobId) && ids.some((id) => records.peek(recordKeys.job(id)) !== undefined);
    });
    this.#manifests = new ManifestChecker({
      violations,
      records,
      objects,
      jobId,
      onRestored: (manifest) => this.#output.onCommitted(manifest),
      onCommitted: (manifest, drained) => {
        this.#output.onCommitted(manifest);
        for (const reference of references) reference.onCommitted(manifest, drained);
      },
    });
    const writtenOnce = writtenOnceChecker(violations);
    const kept = new KeptChecker({ violations, records, objects, already: cloud.world.records });
    this.#requests = new RequestChecker({ violations, records, objects, jobId });
    const job = recordKeys.job(jobId);
    records.observe(jobRecordChecker(violations, (key) => key.partition === job.partition && key.sort === job.sort));
    for (const observer of [writtenOnce, this.#manifests, this.#requests, kept]) records.observe(observer);
    for (const observer of [writtenOnce, this.#manifests, this.#output, kept]) objects.observe(observer);
  }

  /** Of the completed checkpoints, in order. */
  get manifests(): readonly Manifest[] {
    return this.#manifests.manifests;
  }

  /** Once the job has ended and its effects are clear. */
  checkEnd(record: JobRecord): void {
    this.#output.checkEnd(this.manifests);
    this.#requests.checkEnd();
    const stopped = record.status !== 'FINISHED' || this.#requests.stopped;
    for (const reference of this.#references) reference.checkEnd(stopped);
  }
}
