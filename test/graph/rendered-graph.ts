import { graphOf } from './graph-of.ts';

const keyed = (source: number) => [{ source, partitioning: 'hash' as const }];

/** Flights by airport, with a fork and a sink of its own for late ones: what renderings have to show. */
export const flightsGraph = graphOf(
  { kind: 'source', name: 'Source: flights', uid: 'flights', parallelism: 3, stateNames: ['_splits'] },
  { kind: 'filter', name: 'Filter', parallelism: 3, inputs: [{ source: 0, partitioning: 'forward' }] },
  {
    kind: 'keyedProcess',
    name: 'KeyedProcess',
    uid: 'delays',
    parallelism: 3,
    maxParallelism: 13,
    inputs: keyed(1),
    stateNames: ['_timers', 'total'],
  },
  { kind: 'sink', name: 'Sink: result', uid: 'result', parallelism: 3, inputs: [{ source: 2, partitioning: 'forward' }] },
  { kind: 'sink', name: 'Sink: late', uidHash: 'ab'.repeat(16), parallelism: 1, inputs: [{ source: 1, partitioning: 'rebalance' }] },
);
