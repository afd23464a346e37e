import type { JobDescription } from './job-description.ts';
import type { RetentionPolicy } from './snapshot-record.ts';

/**
 * One checkpoint is kept while the job runs. When it is cancelled or fails, that one stays and can be restored from; when
 * all input was read, there is nothing to go on with, and it goes. Flink's default deletes in all three cases.
 */
export const defaultRetention: RetentionPolicy = { kept: 1, onCancel: 'retain', onFailure: 'retain', onFinish: 'delete' };

export const retentionOf = (description: Pick<JobDescription, 'retention'>): RetentionPolicy => description.retention ?? defaultRetention;
