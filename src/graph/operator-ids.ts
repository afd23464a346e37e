import { utf8 } from '../base/bytes.ts';
import { WeirError } from '../base/errors.ts';
import type { OperatorId } from './ids.ts';
import { operatorId } from './ids.ts';
import { isChainable } from './is-chainable.ts';
import type { StreamGraph, StreamNode } from './job-graph.ts';
import { murmur3x128 } from './murmur3-128.ts';

/** The operator id that a uid stands for, the same as in Flink. */
export const operatorIdOfUid = (uid: string): OperatorId => idOf(murmur3x128(utf8(uid)));

/**
 * Gives every node its operator id, exactly as Flink does: from the uid, or else from the node's place in the graph. By
 * `StreamNode.node`. Neither names nor functions enter a generated id, but every operator before it in a breadth-first
 * walk does, and what it chains with: so stateful operators want a uid.
 *
 * Throws DUPLICATE_UID, or OPERATOR_ID_COLLISION if a uid hashes to what another operator's id already is.
 */
export function assignOperatorIds(graph: StreamGraph): readonly OperatorId[] {
  refuseDuplicateUids(graph);
  const outputs = outputsOf(graph);
  const hashes = new Map<number, Uint8Array>();
  const remaining: StreamNode[] = graph.nodes.filter((node) => node.inputs.length === 0);
  const visited = new Set(remaining.map((node) => node.node));
  for (let next = 0; next < remaining.length; next++) {
    const node = remaining[next]!;
    if (node.uid === undefined && node.inputs.some((edge) => !hashes.has(edge.source))) {
      // Comes again from the input that is still missing.
      visited.delete(node.node);
      continue;
    }
    hashes.set(node.node, node.uid === undefined ? generatedHash(node, outputs[node.node]!, hashes) : murmur3x128(utf8(node.uid)));
    for (const target of outputs[node.node]!) {
      if (visited.has(target.node)) continue;
      visited.add(target.node);
      remaining.push(target);
    }
  }
  const ids = graph.nodes.map((node) => idOf(hashes.get(node.node)!));
  refuseCollisions(graph, ids);
  return ids;
}

function generatedHash(node: StreamNode, targets: readonly StreamNode[], hashes: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const chained = targets.filter((target) => isChainable(node, target)).length;
  const fed = new Uint8Array(4 * (1 + chained));
  const view = new DataView(fed.buffer);
  for (let offset = 0; offset < fed.byteLength; offset += 4) view.setInt32(offset, hashes.size, true);
  const hash = murmur3x128(fed);
  for (const edge of node.inputs) {
    const input = hashes.get(edge.source)!;
    for (let i = 0; i < hash.length; i++) hash[i] = (hash[i]! * 37) ^ input[i]!;
  }
  return hash;
}

/** By node, one target for each outgoing edge, in the order in which the edges were made. */
function outputsOf(graph: StreamGraph): readonly (readonly StreamNode[])[] {
  const outputs: StreamNode[][] = graph.nodes.map(() => []);
  for (const target of graph.nodes) for (const edge of target.inputs) outputs[edge.source]!.push(target);
  return outputs;
}

function refuseDuplicateUids(graph: StreamGraph): void {
  const byUid = new Map<string, StreamNode>();
  for (const node of graph.nodes) {
    if (node.uid === undefined) continue;
    const other = byUid.get(node.uid);
    if (other !== undefined) {
      throw new WeirError({
        code: 'DUPLICATE_UID',
        domain: 'program',
        message: `Operators "${other.name}" and "${node.name}" of job "${graph.jobName}" have the same uid "${node.uid}".`,
        advice: 'State is found by uid: give each operator one of its own.',
        subject: { operator: node.name, node: node.node, uid: node.uid },
      });
    }
    byUid.set(node.uid, node);
  }
}

function refuseCollisions(graph: StreamGraph, ids: readonly OperatorId[]): void {
  const byId = new Map<string, StreamNode>();
  for (const node of graph.nodes) {
    const id = ids[node.node]!;
    const other = byId.get(id);
    if (other !== undefined) {
      const [withUid, without] = node.uid === undefined ? [other, node] : [node, other];
      throw new WeirError({
        code: 'OPERATOR_ID_COLLISION',
        domain: 'program',
        message: `The uid "${withUid.uid}" of operator "${withUid.name}" hashes to ${id}, which is also the id of operator "${without.name}".`,
        advice: 'Choose another uid for one of them.',
        subject: { operator: withUid.name, node: withUid.node, operatorId: id },
      });
    }
    byId.set(id, node);
  }
}

const idOf = (hash: Uint8Array): OperatorId => operatorId(Buffer.from(hash).toString('hex'));
