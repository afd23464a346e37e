import * as z from 'zod';
import { limits } from '../../base/limits.ts';
import { type OperatorKind, type Partitioning, stateKinds } from '../../graph/job-graph.ts';
import type { Portable } from '../../values/portable.ts';
import { hexId } from '../replies.ts';

const portable: z.ZodType<Portable> = z.json();
const text = z.string().max(limits.queryCharactersMax);
const index = z.number().int().min(0).max(limits.parallelismMax);
const parallelism = z.number().int().min(1).max(limits.parallelismMax);
/** Of a graph: vertices, operators of a chain, states of an operator. */
const listMax = 1_000;

const operatorKinds: readonly [OperatorKind, ...OperatorKind[]] = [
  'source',
  'map',
  'flatMap',
  'filter',
  'reduce',
  'process',
  'window',
  'keyedProcess',
  'coProcess',
  'keyedCoProcess',
  'broadcastProcess',
  'keyedBroadcastProcess',
  'sink',
];
const partitionings: readonly [Partitioning, ...Partitioning[]] = [
  'forward',
  'hash',
  'rebalance',
  'rescale',
  'shuffle',
  'broadcast',
  'global',
  'custom',
];

const declaredState = z.object({
  name: text,
  kind: z.enum(stateKinds),
  timeToLive: z.literal(true).optional(),
  schemaVersion: z.number().int().min(1).optional(),
  migrates: z.literal(true).optional(),
  types: portable.optional(),
});

const operator = z.object({
  node: index,
  operatorId: hexId,
  kind: z.enum(operatorKinds),
  name: text,
  uid: text.optional(),
  uidHash: hexId.optional(),
  stateful: z.boolean(),
  states: z.array(declaredState).max(listMax).optional(),
  keyType: portable.optional(),
  input: index.optional(),
  sideOutput: text.optional(),
});

/** A JobGraph, as whoever has the program sends it. */
export const jobGraph = z.object({
  jobName: text,
  levels: index,
  vertices: z
    .array(
      z.object({
        vertexId: hexId,
        name: text,
        parallelism,
        maxParallelism: parallelism,
        maxParallelismExplicit: z.boolean(),
        level: index,
        operators: z.array(operator).min(1).max(listMax),
      }),
    )
    .max(listMax),
  edges: z
    .array(
      z.object({
        edge: index,
        sourceVertex: hexId,
        sourceOperator: index,
        targetVertex: hexId,
        targetInput: index,
        partitioning: z.enum(partitionings),
        sideOutput: text.optional(),
      }),
    )
    .max(listMax),
});
