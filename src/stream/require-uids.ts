import { WeirError } from '../base/errors.ts';
import type { StreamGraph } from '../graph/job-graph.ts';

/** Refuses operators whose id would follow from their place in the graph. Throws UID_REQUIRED, which names all of them. */
export function requireUids(graph: StreamGraph): void {
  const without = graph.nodes.filter((node) => node.uid === undefined && node.uidHash === undefined);
  const first = without[0];
  if (first === undefined) return;
  const names = without.map((node) => `"${node.name}"`).join(', ');
  const [operators, have] = without.length === 1 ? ['operator', 'has'] : ['operators', 'have'];
  throw new WeirError({
    code: 'UID_REQUIRED',
    domain: 'program',
    message: `Job "${graph.jobName}" allows no generated ids (strictUids), but its ${operators} ${names} ${have} neither a uid nor a uid hash.`,
    advice: 'Give each of them a uid of its own: .uid("...").',
    subject: { job: graph.jobName, operator: first.name, node: first.node },
  });
}
