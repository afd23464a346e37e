declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface DynaliteOptions {
    /** Where LevelDB keeps the tables; in memory without it. */
    readonly path?: string;
    /** How long a table stays in its passing states. */
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }

  /** Closing the server closes the database after its last operation. */
  function dynalite(options?: DynaliteOptions): Server;
  export = dynalite;
}

declare module 'asl-validator' {
  interface Verdict {
    readonly isValid: boolean;
    readonly errorsText: (separator: string) => string;
  }

  /** Adds what is left out to the definition that it is given. */
  function validate(definition: object, options?: { readonly checkPaths?: boolean; readonly checkArn?: boolean }): Verdict;
  export = validate;
}
