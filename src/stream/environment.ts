import type { Portable } from '../values/portable.ts';
import { DataStream } from './data-stream.ts';
import type { WatermarkStrategy } from './functions.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { type PulledSource, sourceOf } from './pulled-source.ts';
import type { Source } from './source.ts';

/** What a source keeps as operator state: how far its splits are read. */
const splitsStateName = '_splits';

/** What `build` gets: where streams begin. */
export class Environment {
  /** The job's parallelism: what operators have that set none of their own. */
  readonly parallelism: number;
  readonly #builder: GraphBuilder;

  constructor(builder: GraphBuilder, parallelism: number) {
    this.#builder = builder;
    this.parallelism = parallelism;
  }

  /** The records of a source. With a watermark strategy they have event times, and event-time timers can fire before the end. */
  fromSource<T>(source: Source<T>, watermarks?: WatermarkStrategy<T>): DataStream<T> {
    const node = this.#builder.add({
      name: source.name,
      body: {
        kind: 'source',
        source: source as Source<unknown>,
        watermarks: watermarks as WatermarkStrategy<unknown> | undefined,
      },
      inputs: [],
      stateNames: [splitsStateName],
    });
    return new DataStream(this.#builder, [{ node, partitioning: undefined }], node);
  }

  /** The records of a source that is written as an object and pulled. One subtask reads, so its parallelism is 1. */
  addSource<T, P extends Portable>(source: PulledSource<T, P>, watermarks?: WatermarkStrategy<T>): DataStream<T> {
    return this.fromSource(sourceOf(source) as Source<T>, watermarks).setParallelism(1);
  }
}
