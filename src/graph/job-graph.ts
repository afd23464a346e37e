import type { Portable } from '../values/portable.ts';
import type { OperatorId, VertexId } from './ids.ts';

/** How records find their target subtask, by Flink's names. */
export type Partitioning = 'forward' | 'hash' | 'rebalance' | 'rescale' | 'shuffle' | 'broadcast' | 'global' | 'custom';

export interface StreamEdge {
  /** The stream node the records come from. */
  readonly source: number;
  readonly partitioning: Partitioning;
  /** Which input of an operator that has two; left out: the first. Several edges into one input are a union. */
  readonly input?: 1;
  /** The tag of the side output that the records come from; left out: the main output. */
  readonly sideOutput?: string;
}

/** What an operator is, as far as the graph needs to know; its code is kept beside the graph, by node. */
export type OperatorKind =
  | 'source'
  | 'map'
  | 'flatMap'
  | 'filter'
  | 'reduce'
  | 'process'
  | 'window'
  | 'keyedProcess'
  | 'coProcess'
  | 'keyedCoProcess'
  | 'broadcastProcess'
  | 'keyedBroadcastProcess'
  | 'sink';

/**
 * Kinds of named state: those by key; timers (named "" for event time, "processing"); operator state by how it is dealt
 * out at another parallelism; `engine`: kept by the engine for itself.
 */
export const stateKinds = [
  'value',
  'list',
  'map',
  'reducing',
  'aggregating',
  'timers',
  'splitList',
  'unionList',
  'broadcast',
  'subtask',
  'engine',
] as const;
export type StateKind = (typeof stateKinds)[number];

/** One named state as the program declares it: what a restore is planned by. */
export interface DeclaredState {
  readonly name: string;
  readonly kind: StateKind;
  readonly timeToLive?: true;
  /** Left out: 1. */
  readonly schemaVersion?: number;
  /** Whether values of older schema versions can be brought up to this one. */
  readonly migrates?: true;
  /** Of its values, as declared; left out where nothing is. */
  readonly types?: Portable;
}

/** One operator as the user wrote it. Partitioning is on the edges, not a node. */
export interface StreamNode {
  /** 0, 1, 2, ... in the order in which `build` made them. */
  readonly node: number;
  readonly kind: OperatorKind;
  readonly name: string;
  readonly uid: string | undefined;
  readonly uidHash: string | undefined;
  readonly parallelism: number;
  /** Explicit only; what is left out is derived from the parallelism, or taken from a savepoint. */
  readonly maxParallelism: number | undefined;
  readonly chaining: 'always' | 'never' | 'head';
  readonly inputs: readonly StreamEdge[];
  /** Names of declared state, sorted: empty means stateless. */
  readonly stateNames: readonly string[];
  /** The same state with all that is declared of it, in the same order; left out where there is none. */
  readonly states?: readonly DeclaredState[];
  /** The declared type of its keys; left out where there is none. */
  readonly keyType?: Portable;
}

export interface StreamGraph {
  readonly jobName: string;
  readonly nodes: readonly StreamNode[];
}

export interface ChainedOperator {
  readonly node: number;
  readonly operatorId: OperatorId;
  readonly kind: OperatorKind;
  readonly name: string;
  readonly uid: string | undefined;
  readonly uidHash: string | undefined;
  readonly stateful: boolean;
  /** What it declares to keep; left out where that is nothing. */
  readonly states?: readonly DeclaredState[];
  readonly keyType?: Portable;
  /** Index within the chain of the operator it is fed by; undefined for the head. */
  readonly input: number | undefined;
  /** Of that operator, the side output it is fed by; left out: the main output. */
  readonly sideOutput?: string;
}

/** An edge between vertices: what leaves one operator of the source's chain for the head of the target's. */
export interface JobEdge {
  /** Position in `JobGraph.edges`. */
  readonly edge: number;
  readonly sourceVertex: VertexId;
  /** Index of the emitting operator within the source's chain. */
  readonly sourceOperator: number;
  readonly targetVertex: VertexId;
  /** Position among the inputs of the target's head, as its stream node lists them. */
  readonly targetInput: number;
  readonly partitioning: Partitioning;
  /** Of the emitting operator; left out: its main output. */
  readonly sideOutput?: string;
}

/** A chain of operators that run as one, in `parallelism` subtasks. */
export interface JobVertex {
  readonly vertexId: VertexId;
  readonly name: string;
  readonly parallelism: number;
  readonly maxParallelism: number;
  /** Whether the user set max parallelism; an explicit one is never adopted from a savepoint. */
  readonly maxParallelismExplicit: boolean;
  /** Longest path from a source: sources are 0. All of a level run at once. */
  readonly level: number;
  readonly operators: readonly ChainedOperator[];
}

/** What runs. Equal programs give equal job graphs, byte for byte as JSON. */
export interface JobGraph {
  readonly jobName: string;
  readonly vertices: readonly JobVertex[];
  readonly edges: readonly JobEdge[];
  readonly levels: number;
}
