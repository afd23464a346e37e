import { AccumulatorStore } from '../checkpoint/accumulator-store.ts';
import { JobStore } from '../checkpoint/job-store.ts';
import type { Cloud } from '../cloud/index.ts';
import type { JobAccumulators } from '../protocol/job-accumulators.ts';
import { objectUris } from '../protocol/names.ts';
import { jsonOf } from '../values/json-of.ts';
import type { Portable } from '../values/portable.ts';
import { decodeValue } from '../values/serializer.ts';
import type { JobView } from './job-service.ts';

/** Records of one collected result, as JSON. */
export interface ResultPage {
  readonly name: string | undefined;
  readonly records: readonly Portable[];
  /** Where to go on; left out: nothing more is visible now. */
  readonly next?: string;
}

/** A checkpoint may be completed between two looks, and take away what was to be read. */
const triesMax = 5;

/** What a job has come to, for whoever asks: its accumulators, and what it collects. */
export class ResultService {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** As of the latest checkpoint, or of one that was completed meanwhile. */
  async accumulators({ record }: JobView): Promise<JobAccumulators | undefined> {
    const store = new AccumulatorStore(this.#cloud);
    let now = record;
    for (let tries = 1; tries < triesMax; tries++) {
      const found = await store.find(now);
      if (found !== 'gone') return found;
      now = await new JobStore(this.#cloud).record(record.jobId);
    }
    return await store.read(now);
  }

  /**
   * What `collect` has made visible, in the order of names, epochs, operators and subtasks: a page at a time, of one name.
   * Of the name alone if it is given. `after` is a page's `next`.
   */
  async collected({ record, description }: JobView, of: { readonly name?: string; readonly after?: string } = {}): Promise<ResultPage> {
    const { objects } = this.#cloud;
    const root = objectUris.visibleResults(description.stateRoot, record.jobId);
    const prefix = of.name === undefined ? root : `${root}${of.name}/`;
    const { objects: found } = await objects.list(prefix, of.after === undefined ? undefined : `${root}${of.after}`);
    const first = found[0];
    if (first === undefined) return { name: of.name, records: [] };
    const next = first.uri.slice(root.length);
    const bytes = await objects.get(first.uri);
    const records = bytes === undefined ? [] : (decodeValue(bytes) as readonly unknown[]).map(jsonOf);
    return { name: next.slice(0, next.indexOf('/')), records, next };
  }
}
