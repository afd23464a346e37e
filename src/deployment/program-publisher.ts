import type { ProgramSource } from '../protocol/deployment-record.ts';
import type { ProgramRecord, ProgramRef } from '../protocol/job-description.ts';

export type PublishOutcome =
  | { readonly kind: 'published'; readonly program: ProgramRef }
  /** Not yet: ask again. `words` say what it waits for. */
  | { readonly kind: 'publishing'; readonly words: string }
  /** Asking again would not help. */
  | { readonly kind: 'unpublishable'; readonly words: string };

/**
 * Makes programs out of what was deployed, and takes them away.
 *
 * Contract:
 * 1. A published program never changes: neither its functions nor its workflows.
 * 2. Publishing again what is published comes to the same program, and disturbs nothing that runs.
 * 3. Nothing is published but what the fingerprint was made of: if the functions were changed since, it is refused.
 * 4. What is not there is retired already. Jobs that run on a retired program come to nothing: callers see to that.
 */
export interface ProgramPublisher {
  /** What the sources are at this moment. */
  fingerprint(source: ProgramSource): Promise<string>;
  publish(programId: string, source: ProgramSource, fingerprint: string): Promise<PublishOutcome>;
  /** Takes away versions and workflows, or whatever else was made for this program alone. */
  retire(program: ProgramRecord): Promise<void>;
  /** Deletes a function that no stack has any more, with all its versions. */
  deleteFunction(functionArn: string): Promise<void>;
}
