import type { StateSchemas } from '../state/index.ts';
import type { BuiltJob } from '../stream/build-job.ts';
import { schemaOf } from '../stream/declared-states.ts';

/** What the job declares of versions of its state. */
export function stateSchemasOf({ jobGraph, bodies }: BuiltJob): StateSchemas {
  const nodes = new Map(
    jobGraph.vertices.flatMap(({ operators }) => operators.map(({ operatorId, node }) => [operatorId as string, node] as const)),
  );
  return (operatorId, name) => {
    const node = nodes.get(operatorId);
    const declared = node === undefined ? undefined : schemaOf(bodies[node]!, name);
    if (declared?.version === undefined && declared?.migrate === undefined) return undefined;
    return { version: declared.version ?? 1, migrate: declared.migrate };
  };
}
