import { type Collector, type DataStream, maxWatermark, type Sink, valueState } from 'weir-streams';
import type { Bid, Total } from './bids.ts';

/** The totals of every auction, written when all bids are in; each bid updates the state of its auction. */
export function countBids(bids: DataStream<Bid>, results: Sink<unknown>): void {
  bids
    .keyBy('auction')
    .process({
      state: { total: valueState<Total>() },
      onElement({ price }, { state, timers }) {
        const total = state.total.value();
        if (total === undefined) {
          timers.registerEventTimeTimer(maxWatermark);
          state.total.update({ count: 1, sum: price, min: price, max: price });
          return;
        }
        const { count, sum, min, max } = total;
        state.total.update({ count: count + 1, sum: sum + price, min: Math.min(min, price), max: Math.max(max, price) });
      },
      onTimer(_time, { key, state }, out: Collector<Total & { readonly auction: number }>) {
        out.collect({ auction: key, ...state.total.value()! });
      },
    })
    .uid('totals')
    .sinkTo(results)
    .uid('result');
}
