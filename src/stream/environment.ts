import { DataStream } from './data-stream.ts';
import type { WatermarkStrategy } from './functions.ts';
import type { GraphBuilder } from './graph-builder.ts';
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
}
