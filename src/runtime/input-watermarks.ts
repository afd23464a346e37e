import type { OperatorState } from '../state/index.ts';
import type { Portable } from '../values/portable.ts';

/** Under which name the head of a chain keeps how far its input had come: operator state, so that a cold copy goes on as a warm one. */
export const watermarksStateName = '_watermarks';

interface Stored {
  readonly combined: number | null;
  /** By edge and sender, as `edge/sender`. */
  readonly channels: { readonly [channel: string]: number };
}

/** The watermarks of a subtask's input between epochs; -Infinity while there is none. */
export class InputWatermarks {
  readonly combined: number;
  readonly #channels: { readonly [channel: string]: number };

  private constructor(stored: Stored) {
    this.combined = stored.combined ?? Number.NEGATIVE_INFINITY;
    this.#channels = stored.channels;
  }

  /** What is stored where a restore puts a subtask in the middle of its input. */
  static begunAt(combined: number | null, channels: { readonly [channel: string]: number }): Portable {
    return { combined, channels };
  }

  static of(state: OperatorState): InputWatermarks {
    return new InputWatermarks((state.operatorValue(watermarksStateName) as Stored | undefined) ?? { combined: null, channels: {} });
  }

  channel(edge: number, sender: number): number {
    return this.#channels[`${edge}/${sender}`] ?? Number.NEGATIVE_INFINITY;
  }

  /** After a drain: what is stored is as if no watermark had ever come. */
  static forget(state: OperatorState): void {
    if (state.operatorValue(watermarksStateName) !== undefined)
      state.setOperatorValue(watermarksStateName, { combined: null, channels: {} });
  }

  static store(
    state: OperatorState,
    combined: number,
    channels: readonly { readonly edge: number; readonly sender: number; readonly watermark: number }[],
  ): void {
    if (combined === Number.NEGATIVE_INFINITY && channels.every(({ watermark }) => watermark === Number.NEGATIVE_INFINITY)) return;
    const known = channels.filter(({ watermark }) => watermark !== Number.NEGATIVE_INFINITY);
    state.setOperatorValue(watermarksStateName, {
      combined: combined === Number.NEGATIVE_INFINITY ? null : combined,
      channels: Object.fromEntries(known.map(({ edge, sender, watermark }) => [`${edge}/${sender}`, watermark])),
    });
  }
}
