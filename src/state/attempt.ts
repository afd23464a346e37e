import { assert } from '../base/assert.ts';

export type AttemptPhase = 'idle' | 'working' | 'top';

/**
 * Where a copy of state stands between barriers; all tables of a subtask share one. An entry changed in the attempt at
 * hand carries its mark, so that only the first change of an entry costs more than a comparison. The mark goes up with
 * every turn, so that a change out of turn is a first change, and is refused.
 */
export class Attempt {
  phase: AttemptPhase = 'idle';
  mark = 1;
  /** The epoch's processing time: what time to live goes by. */
  stamp = 0;

  turn(from: AttemptPhase, to: AttemptPhase, what: string): void {
    assert(this.phase === from, `${what} comes when state is "${from}", but it is "${this.phase}"`);
    this.phase = to;
    this.mark++;
  }

  get isWorking(): boolean {
    return this.phase === 'working';
  }

  /** What every first change of an entry asks. */
  assertWorking(): void {
    assert(this.phase === 'working', `state changes between begin and the barrier, but it is "${this.phase}"`);
  }
}
