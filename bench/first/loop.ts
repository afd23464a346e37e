/*
 * What somebody would write who needs no guarantees: the same work as the jobs beside it, in one thread of one process,
 * with nothing stored on the way. Run: node bench/first/loop.ts ndjson <file> <output> | generator <count> <output>
 */
import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import { type Bid, bidAt } from './bids.ts';

interface Running {
  count: number;
  sum: number;
  min: number;
  max: number;
}

const chunkBytes = 1024 * 1024;
const totals = new Map<number, Running>();
const [input, from, output] = process.argv.slice(2);

if (input === 'ndjson') addFile(from!);
else for (let index = 0; index < Number(from); index++) add(bidAt(index));
writeFileSync(output!, [...totals].map(([auction, total]) => `${JSON.stringify({ auction, ...total })}\n`).join(''));

function addFile(file: string): void {
  const descriptor = openSync(file, 'r');
  const chunk = Buffer.alloc(chunkBytes);
  let rest = '';
  for (let bytes = readSync(descriptor, chunk); bytes > 0; bytes = readSync(descriptor, chunk)) {
    const text = rest + chunk.toString('latin1', 0, bytes);
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      add(JSON.parse(text.slice(start, end)) as Bid);
      start = end + 1;
    }
    rest = text.slice(start);
  }
  closeSync(descriptor);
}

function add({ auction, price }: Bid): void {
  const total = totals.get(auction);
  if (total === undefined) {
    totals.set(auction, { count: 1, sum: price, min: price, max: price });
    return;
  }
  total.count++;
  total.sum += price;
  if (price < total.min) total.min = price;
  if (price > total.max) total.max = price;
}
