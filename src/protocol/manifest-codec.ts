import * as z from 'zod';
import { checksumOf, fromUtf8, utf8 } from '../base/bytes.ts';
import { messageOf, WeirError } from '../base/errors.ts';
import { stateKinds } from '../graph/job-graph.ts';
import type { Portable } from '../values/portable.ts';
import { type Manifest, manifestVersion } from './manifest.ts';
import { migrateManifest } from './migrate-manifest.ts';

const portable: z.ZodType<Portable> = z.json() as z.ZodType<Portable>;
const count = z.int().nonnegative();
const keyGroupRange = z.tuple([count, count]).readonly();

const operatorMapping = z.object({ from: z.string(), to: z.string() });

const segmentRef = z.object({
  at: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('record'), partition: z.string(), sort: z.string() }),
    z.object({ kind: z.literal('object'), uri: z.string() }),
    // Never out of the directory.
    z.object({ kind: z.literal('relative'), path: z.string().regex(/^[\w-][\w.-]*$/) }),
    z.object({ kind: z.literal('inline'), bytes: z.string() }),
  ]),
  checkpoint: count,
  bytes: count,
  checksum: z.string(),
  keyGroups: z.array(keyGroupRange),
  operatorState: z.boolean(),
  operators: z.array(operatorMapping).optional(),
  foreign: z.literal(true).optional(),
});

const subtask = z.object({
  subtask: count,
  nonce: z.string(),
  segments: z.array(segmentRef),
  watermark: z.number().nullable(),
  idle: z.boolean(),
  endOfInput: z.boolean(),
  nextDueAt: z.number().optional(),
  committables: z.array(z.object({ operatorId: z.string(), items: z.array(portable) })),
  stateEntries: count,
  stateBytes: count,
  dealt: z.literal(true).optional(),
});

const state = z.object({
  name: z.string(),
  kind: z.enum(stateKinds),
  timeToLive: z.literal(true).optional(),
  schemaVersion: z.int().positive().optional(),
  types: portable.optional(),
  keyKinds: z.array(z.enum(['string', 'number', 'boolean', 'bigint', 'tuple', 'object'])).optional(),
  entries: count,
  bytes: count,
});

const operator = z.object({
  operatorId: z.string(),
  uid: z.string().optional(),
  uidHash: z.string().optional(),
  name: z.string(),
  stateful: z.boolean(),
  states: z.array(state).optional(),
  keyType: portable.optional(),
});

const vertex = z.object({
  vertexId: z.string(),
  name: z.string(),
  parallelism: count,
  maxParallelism: count,
  operators: z.array(operator),
  subtasks: z.array(subtask),
  enumerator: z.object({ state: portable, done: z.boolean(), nextDueAt: z.number().optional() }).optional(),
  operatorStates: z
    .array(z.object({ operator: operatorMapping, own: z.literal(true).optional(), from: z.array(segmentRef.nullable()) }))
    .optional(),
});

const manifestSchema = z
  .object({
    version: z.literal(manifestVersion),
    jobId: z.string(),
    jobName: z.string(),
    checkpoint: count,
    attempt: count,
    stamp: z.number(),
    vertices: z.array(vertex),
  })
  .refine(
    (manifest) =>
      manifest.vertices.every(
        (each) => each.subtasks.length === each.parallelism && each.subtasks.every((one, index) => one.subtask === index),
      ),
    {
      message: 'every vertex lists each of its subtasks exactly once, in order',
    },
  );

/** The bytes to store and their checksum, which is also part of the object's name. */
export function encodeManifest(manifest: Manifest): { readonly bytes: Uint8Array; readonly checksum: string } {
  const bytes = utf8(JSON.stringify(manifest));
  return { bytes, checksum: checksumOf(bytes) };
}

/**
 * Reads a manifest, whatever wrote it, as one of the current version. Throws `MANIFEST_TOO_NEW` for a version that this code does not know and
 * `MANIFEST_CORRUPT` for anything that is no whole manifest.
 */
export function decodeManifest(bytes: Uint8Array): Manifest {
  let data: unknown;
  try {
    data = JSON.parse(fromUtf8(bytes));
  } catch (cause) {
    throw corrupt(`it is not JSON (${messageOf(cause)})`, cause);
  }
  const version = (data as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version > manifestVersion) {
    throw new WeirError({
      code: 'MANIFEST_TOO_NEW',
      domain: 'user',
      message: `The checkpoint metadata has version ${version}; this program reads up to version ${manifestVersion}.`,
      advice: 'Use a release of Weir at least as new as the one that wrote it.',
    });
  }
  const parsed = manifestSchema.safeParse(migrateManifest(data));
  if (!parsed.success) {
    const first = parsed.error.issues[0];
    throw corrupt(`${first?.path.join('.') || 'the whole'}: ${first?.message ?? 'unknown'}`, parsed.error);
  }
  return parsed.data as Manifest;
}

/**
 * The manifest that a reference names, from what was found under that name. Throws MANIFEST_MISSING if that is nothing,
 * MANIFEST_CORRUPT if it is not what was written, and as decodeManifest does.
 */
export function verifiedManifest(of: { readonly uri: string; readonly checksum: string }, found: Uint8Array | undefined): Manifest {
  if (found !== undefined && checksumOf(found) === of.checksum) return decodeManifest(found);
  throw new WeirError({
    code: found === undefined ? 'MANIFEST_MISSING' : 'MANIFEST_CORRUPT',
    domain: 'external',
    message: `The checkpoint metadata ${of.uri} ${found === undefined ? 'does not exist' : 'is not what was written: its checksum differs'}.`,
    advice: 'Was it deleted or overwritten by hand? Restore from another checkpoint or savepoint.',
  });
}

function corrupt(found: string, cause: unknown): WeirError {
  return new WeirError({
    code: 'MANIFEST_CORRUPT',
    domain: 'external',
    message: `The checkpoint metadata can't be read: ${found}.`,
    advice: 'Restore from another checkpoint or savepoint.',
    cause,
  });
}
