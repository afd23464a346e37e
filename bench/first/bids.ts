/** A bid, as an auction house streams them. */
export interface Bid {
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  /** Milliseconds since the epoch. */
  readonly dateTime: number;
}

/** What is kept of an auction. */
export interface Total {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

const auctions = 100_000;
/** Half of all bids are on these. */
const hotAuctions = 1_000;
const bidders = 10_000;
const priceMax = 1_000_000;
const firstBidAt = 1_700_000_000_000;

/** The bid at a position of the stream: scattered as if by chance, but always the same. */
export function bidAt(index: number): Bid {
  const draw = scatter(index);
  const range = (draw & 1) === 0 ? hotAuctions : auctions;
  return {
    auction: (draw >>> 1) % range,
    bidder: scatter(draw) % bidders,
    price: 1 + (scatter(draw ^ 0x5bd1e995) % priceMax),
    dateTime: firstBidAt + index,
  };
}

/** 32 bits, as unlike their neighbours' as can be. */
function scatter(index: number): number {
  let word = Math.imul(index ^ (index >>> 16), 0x7feb352d);
  word = Math.imul(word ^ (word >>> 15), 0x846ca68b);
  return (word ^ (word >>> 16)) >>> 0;
}
