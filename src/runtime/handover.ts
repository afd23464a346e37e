import type { KeptRuns } from '../exchange/store-output.ts';
import type { Acknowledgement } from '../protocol/acknowledgement.ts';

interface HandedOver {
  /** The one that counts: it was won by this environment. */
  readonly acknowledgement: Acknowledgement;
  readonly kept: KeptRuns;
}

/** What this environment's subtasks handed over to others of the slot: of one attempt, as long as it is at hand. */
export class Handover {
  #attempt = 0;
  readonly #bySender = new Map<string, HandedOver>();

  /** What was kept for another attempt is of no use. */
  begin(attempt: number): void {
    if (attempt === this.#attempt) return;
    this.#attempt = attempt;
    this.#bySender.clear();
  }

  keep(acknowledgement: Acknowledgement, kept: KeptRuns): void {
    if (acknowledgement.attempt === this.#attempt)
      this.#bySender.set(nameOf(acknowledgement.vertexId, acknowledgement.subtask), { acknowledgement, kept });
  }

  of(vertexId: string, subtask: number): HandedOver | undefined {
    return this.#bySender.get(nameOf(vertexId, subtask));
  }
}

const nameOf = (vertexId: string, subtask: number): string => `${vertexId}/${subtask}`;
