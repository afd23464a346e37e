/** A server of the embedded cloud, on the loopback interface. */
export interface Endpoint {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Ends all connections, and keeps what has to be kept. */
  stop(): Promise<void>;
}
