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
  /** Once all of its letters are taken, nobody waits for it. */
  readonly idle: boolean;
}

export interface Taking {
  take(letter: Letter, input: 0 | 1): void;
  /** Told again and again; the highest counts. */
  rise(watermark: number): void;
}

/**
 * Takes all letters, always the next of the sender that is furthest behind, of equals of the first. After each, the
 * watermark is that of whoever is furthest behind then: a sender is as far as the letter that comes next. One that is idle
 * is left out once its last watermark has counted; but it may still send, so that time does not end while there is one.
 */
export function mergeByWatermark(senders: readonly Sender[], { take, rise }: Taking): void {
  const taken = senders.map(() => 0);
  const isDone = (at: number) => taken[at] === senders[at]!.letters.length;
  const watermarkOf = ({ letters, first, last }: Sender, at: number): number =>
    Math.max(first, isDone(at) ? last : letters[taken[at]!]!.watermark);
  const riseToLowest = (leftOut: (sender: Sender, at: number) => boolean) => {
    const counted = senders.filter((sender, at) => !leftOut(sender, at));
    if (counted.length === 0 && senders.length > 0) return;
    const lowest = Math.min(Number.MAX_SAFE_INTEGER, ...counted.map((sender) => watermarkOf(sender, senders.indexOf(sender))));
    if (lowest < Number.MAX_SAFE_INTEGER || senders.every(({ idle }) => !idle)) rise(lowest);
  };
  const isPassedOver = ({ idle }: Sender, at: number) => idle && isDone(at);
  riseToLowest(isPassedOver);
  for (;;) {
    const left = senders.filter((_, at) => !isDone(at));
    if (left.length === 0) return;
    const far = left.map((sender) => watermarkOf(sender, senders.indexOf(sender)));
    const next = left[far.indexOf(Math.min(...far))]!;
    const at = senders.indexOf(next);
    take(next.letters[taken[at]!++]!, next.input);
    riseToLowest((sender, other) => other !== at && isPassedOver(sender, other));
    riseToLowest(isPassedOver);
  }
}
