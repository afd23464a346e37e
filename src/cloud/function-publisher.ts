/**
 * Versions of functions: what may be called and never changes.
 *
 * Contract:
 * 1. A version's code and configuration are those that the function had when it was published, for ever.
 * 2. Publishing again what was not changed since gives the version that is there: a repeated call makes no second one.
 *    After a lost reply there may be one that nobody knows of.
 * 3. A version is deleted with the permissions that it carries; deleting what is not there is success.
 * 4. An error (thrown) leaves the outcome unknown.
 */
export interface FunctionPublisher {
  /** What the function's code is now, as a digest; nothing if there is no such function. */
  codeOf(functionArn: string): Promise<string | undefined>;
  /** Publishes what the function is now, on condition that its code is `code`. `invoker`: a role that may call the version. */
  publish(functionArn: string, options: { readonly code: string; readonly invoker: string }): Promise<PublishedVersion>;
  /** Whether a version can be called. */
  stateOf(versionArn: string): Promise<'ready' | 'pending' | 'failed' | 'missing'>;
  deleteVersion(versionArn: string): Promise<void>;
  /** With all its versions. */
  deleteFunction(functionArn: string): Promise<void>;
}

export type PublishedVersion =
  | { readonly kind: 'published'; readonly versionArn: string }
  /** The function has other code by now, or is gone: somebody deploys. */
  | { readonly kind: 'changed' }
  /** It is just being updated: ask again. */
  | { readonly kind: 'updating' };
