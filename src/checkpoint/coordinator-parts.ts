import type { Cloud } from '../cloud/index.ts';
import type { JobDescription } from '../protocol/job-description.ts';
import type { BuiltJob } from '../stream/build-job.ts';
import type { AccumulatorStore } from './accumulator-store.ts';
import type { JobObserver } from './job-observer.ts';
import type { JobStore } from './job-store.ts';
import type { ManifestStore } from './manifest-store.ts';

/** What the coordinator's steps work with. */
export interface CoordinatorParts {
  readonly cloud: Cloud;
  readonly jobs: JobStore;
  readonly manifests: ManifestStore;
  readonly accumulators: AccumulatorStore;
  readonly loadJob: (description: JobDescription) => BuiltJob;
  /** What a slot has for one level of one epoch, in milliseconds. */
  readonly levelMsMax: number;
  readonly observer: JobObserver | undefined;
}
