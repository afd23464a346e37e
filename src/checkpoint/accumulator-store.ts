import { assert } from '../base/assert.ts';
import { fromUtf8, utf8 } from '../base/bytes.ts';
import type { Cloud } from '../cloud/index.ts';
import type { JobAccumulators } from '../protocol/job-accumulators.ts';
import type { JobRecord } from '../protocol/job-record.ts';
import { type AttemptName, recordKeys } from '../protocol/names.ts';

/**
 * Reads and writes what accumulators had come to at a checkpoint; the last is kept, since the next builds on it. One record per checkpoint at which any of them changed,
 * which the job record names from its commit on.
 */
export class AccumulatorStore {
  readonly #cloud: Cloud;
  #last: { readonly sort: string; readonly partition: string; readonly accumulators: JobAccumulators } | undefined = undefined;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** As of the latest checkpoint of a record that nobody has replaced yet. */
  async read(record: Pick<JobRecord, 'jobId' | 'accumulators'>): Promise<JobAccumulators | undefined> {
    const found = await this.find(record);
    assert(found !== 'gone', `the accumulators that job ${record.jobId} names exist`);
    return found;
  }

  /** As `read`; gone if the record is not the job's latest any more. */
  async find({ jobId, accumulators: at }: Pick<JobRecord, 'jobId' | 'accumulators'>): Promise<JobAccumulators | undefined | 'gone'> {
    if (at === undefined) return undefined;
    const key = recordKeys.accumulators({ jobId, ...at });
    if (this.#last?.partition === key.partition && this.#last.sort === key.sort) return this.#last.accumulators;
    const bytes = (await this.#cloud.records.get(key))?.fields['json'];
    return bytes instanceof Uint8Array ? (JSON.parse(fromUtf8(bytes)) as JobAccumulators) : 'gone';
  }

  /** Before the commit. Called twice for one attempt, both write the same. */
  async write(of: AttemptName, accumulators: JobAccumulators, json: string): Promise<void> {
    const key = recordKeys.accumulators(of);
    await this.#cloud.records.put(key, { json: utf8(json) }, { kind: 'absent' });
    this.#last = { ...key, accumulators };
  }

  /** After a commit: all that came before it is of no use any more. Best effort, as what stays behind does no harm. */
  async retire(of: AttemptName): Promise<void> {
    const committed = recordKeys.accumulators(of);
    try {
      const { records } = await this.#cloud.records.query(committed.partition);
      for (const { key } of records) if (key.sort < committed.sort) await this.#cloud.records.delete(key);
    } catch {
      // The commit stands; the next one that changes an accumulator deletes what stayed.
    }
  }
}
