import type { JobEdge, JobVertex } from '../graph/job-graph.ts';
import { subtaskOfKeyGroup } from '../graph/key-groups.ts';
import { scatteredTarget } from '../graph/scattered-target.ts';
import { keyOfInput } from '../stream/body.ts';
import type { BuiltJob } from '../stream/build-job.ts';
import { keyGroupOf } from '../values/key-hash.ts';

/** Who sends to whom over an edge: Flink's rules, written down a second time. */
export class ReferenceRoute {
  readonly edge: JobEdge;
  readonly source: JobVertex;
  readonly target: JobVertex;
  readonly #job: BuiltJob;

  constructor(job: BuiltJob, edge: JobEdge) {
    const vertexOf = (id: string) => job.jobGraph.vertices.find((vertex) => vertex.vertexId === id)!;
    this.edge = edge;
    this.source = vertexOf(edge.sourceVertex);
    this.target = vertexOf(edge.targetVertex);
    this.#job = job;
  }

  /** Which input of the target's head it leads to. */
  get input(): 0 | 1 {
    return this.#job.streamGraph.nodes[this.target.operators[0]!.node]!.inputs[this.edge.targetInput]!.input ?? 0;
  }

  /** Whether a subtask waits for the watermarks of a sender. */
  connects(sender: number, target: number): boolean {
    const [senders, targets] = [this.source.parallelism, this.target.parallelism];
    switch (this.edge.partitioning) {
      case 'forward':
        return sender === target;
      case 'global':
        return target === 0;
      case 'rescale':
        // The side with more subtasks is dealt out over the other, in one piece each.
        return senders > targets
          ? Math.floor((target * senders) / targets) <= sender && sender < Math.floor(((target + 1) * senders) / targets)
          : Math.floor((target * senders) / targets) === sender;
      default:
        return true;
    }
  }

  /** To which subtasks a record goes. `position`: 0 for the first that the sender sends over the edge in this epoch. */
  targetsOf(value: unknown, sender: number, position: number, stamp: number): readonly number[] {
    const all = Array.from({ length: this.target.parallelism }, (_, target) => target).filter((target) => this.connects(sender, target));
    const head = this.target.operators[0]!.node;
    switch (this.edge.partitioning) {
      case 'forward':
      case 'global':
      case 'broadcast':
        return all;
      case 'hash': {
        const key = keyOfInput(this.#job.bodies[head]!, this.input)!(value);
        const { parallelism, maxParallelism } = this.target;
        return [subtaskOfKeyGroup(keyGroupOf(key, maxParallelism), parallelism, maxParallelism)];
      }
      case 'rebalance':
      case 'rescale':
        // Each sender begins with another, in every epoch anew.
        return [all[(sender + position) % all.length]!];
      case 'shuffle':
        return [all[scatteredTarget(stamp, sender, position + 1, all.length)]!];
      case 'custom':
        return [this.#job.partitioners[head]![this.edge.targetInput]!(value, all.length)];
    }
  }
}
