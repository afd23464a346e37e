/** How values of a named state are brought up to the version that the program declares. */
export interface StateSchema {
  /** Of what is stored from now on. */
  readonly version: number;
  readonly migrate: ((old: unknown, fromVersion: number) => unknown) | undefined;
}

/** The schema of an operator's named state, keyed or not; nothing for version 1 without a way from older ones. */
export type StateSchemas = (operatorId: string, name: string) => StateSchema | undefined;

export const noSchemas: StateSchemas = () => undefined;
