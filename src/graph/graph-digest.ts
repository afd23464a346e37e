import { checksumOf, utf8 } from '../base/bytes.ts';
import type { JobGraph } from './job-graph.ts';

/** The checksum of a job graph, the same in every process and after any way through storage: fields count by name, not by order. */
export const graphDigest = (graph: JobGraph): string => checksumOf(utf8(JSON.stringify(canonical(graph))));

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, part]) => part !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([name, part]) => [name, canonical(part)]));
}
