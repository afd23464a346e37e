import type { RecordFields, RecordKey, RecordValue } from '../../src/cloud/index.ts';
import type { SimulatedWorld } from '../../src/testing/simulated-world.ts';

/** A world as a file: bytes as base64, under a name that no field has. */
export interface StoredWorld {
  readonly jobId: string;
  readonly path: string;
  readonly now: number;
  readonly records: readonly { readonly key: RecordKey; readonly fields: unknown }[];
  readonly objects: { readonly [uri: string]: string };
}

const bytesField = '$bytes';

export function storedWorld(world: SimulatedWorld, jobId: string, path: string): StoredWorld {
  const records = world.records.map(({ key, fields }) => ({ key, fields: toJson(fields) }));
  const objects = Object.fromEntries([...world.objects].map(([uri, bytes]) => [uri, Buffer.from(bytes).toString('base64')]));
  return { jobId, path, now: world.now, records, objects };
}

export function worldOf({ now, records, objects }: StoredWorld): SimulatedWorld {
  return {
    now,
    records: records.map(({ key, fields }) => ({ key, fields: fromJson(fields) as RecordFields })),
    objects: new Map(Object.entries(objects).map(([uri, text]) => [uri, new Uint8Array(Buffer.from(text, 'base64'))])),
  };
}

function toJson(value: RecordValue | undefined): unknown {
  if (value instanceof Uint8Array) return { [bytesField]: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map((each: RecordValue) => toJson(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, toJson(inner as RecordValue)]));
}

function fromJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value !== 'object' || value === null) return value;
  const bytes = (value as { readonly [field: string]: unknown })[bytesField];
  if (typeof bytes === 'string') return new Uint8Array(Buffer.from(bytes, 'base64'));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fromJson(inner)]));
}
