/** What a service answers to a request that it refuses: the name that clients match, and the HTTP status. */
export class ServiceFault extends Error {
  readonly status: number;

  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}
