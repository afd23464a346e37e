/** What a function's failure looks like to its caller, as Lambda's runtime reports it. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** From the host to an environment. Payloads are JSON text. */
export interface InvokeMessage {
  readonly kind: 'invoke';
  readonly requestId: string;
  readonly payload: string;
  /** Milliseconds since the epoch; then the environment is killed. */
  readonly deadline: number;
}

/** From an environment to the host. */
export type EnvironmentMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'initFailed'; readonly error: FunctionError }
  | { readonly kind: 'returned'; readonly requestId: string; readonly payload: string; readonly rssBytes: number }
  | { readonly kind: 'failed'; readonly requestId: string; readonly error: FunctionError; readonly rssBytes: number };

/** What an environment is told when it starts, as JSON in its first argument. */
export interface EnvironmentStart {
  readonly functionName: string;
  readonly functionArn: string;
  readonly handler: string;
  readonly export: string;
  readonly memoryMb: number;
  /** Where it records its process; nothing in a cloud that keeps all in memory. */
  readonly recordFolder: string | undefined;
}

/** Lambda's bounds on a synchronous call's payloads. */
export const requestBytesMax = 6 * 1024 * 1024;
export const responseBytesMax = 6 * 1024 * 1024 + 100;
