/** The cells of one row; nothing if text follows a closing quote. */
export function csvCells(row: string): readonly string[] | undefined {
  if (!row.includes('"')) return row.split(',');
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    let end: number;
    if (row[at] === '"') {
      end = closingQuote(row, at + 1);
      cells.push(row.slice(at + 1, end).replaceAll('""', '"'));
      end++;
      if (end < row.length && row[end] !== ',') return undefined;
    } else {
      const found = row.indexOf(',', at);
      end = found < 0 ? row.length : found;
      cells.push(row.slice(at, end));
    }
    if (end >= row.length) return cells;
    at = end + 1;
  }
}

function closingQuote(row: string, from: number): number {
  let at = row.indexOf('"', from);
  while (at >= 0 && row[at + 1] === '"') at = row.indexOf('"', at + 2);
  return at < 0 ? row.length : at;
}
