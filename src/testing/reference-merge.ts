/** A record on its way: with the watermark that its sender had when it sent it, -Infinity while there was none. */
export interface Letter {
  readonly value: unknown;
  readonly timestamp: number | undefined;
  readonly watermark: number;
}

/** What one upstream subtask sent over one edge in an epoch. */
export interface Sender {
  readonly letters: readonly Letter[];
  /** Which input of the operator they are for. */
  readonly input: 0 | 1;
  /** Its watermark when the epoch began, and when it ended. */
  readonly first: number;
  readonly last: number;
}

export interface Taking {
  take(letter: Letter, input: 0 | 1): void;
  /** Told again and again; the highest counts. */
  rise(watermark: number): void;
}

/**
 * Takes all letters, always the next of the sender that is furthest behind, of equals of the first. After each, the
 * watermark is that of whoever is furthest behind then: a sender is as far as the letter that comes next.
 */
export function mergeByWatermark(senders: readonly Sender[], { take, rise }: Taking): void {
  const taken = senders.map(() => 0);
  const watermarkOf = ({ letters, first, last }: Sender, at: number): number => {
    const next = letters[taken[at]!];
    return next === undefined ? Math.max(first, last) : Math.max(first, next.watermark);
  };
  const watermarks = () => senders.map(watermarkOf);
  for (;;) {
    rise(Math.min(Number.MAX_SAFE_INTEGER, ...watermarks()));
    let next: number | undefined;
    watermarks().forEach((watermark, at) => {
      if (taken[at]! === senders[at]!.letters.length) return;
      if (next === undefined || watermark < watermarks()[next]!) next = at;
    });
    if (next === undefined) return;
    take(senders[next]!.letters[taken[next]!++]!, senders[next]!.input);
  }
}
