import type { RecordFields, RecordKey } from '../cloud/index.ts';

/** What stands in a simulated cloud at one time: what another one may begin with. Nothing runs in it. */
export interface SimulatedWorld {
  readonly now: number;
  readonly records: readonly { readonly key: RecordKey; readonly fields: RecordFields }[];
  readonly objects: ReadonlyMap<string, Uint8Array>;
}
