import { checksumOf, concatBytes } from '../base/bytes.ts';
import { limits } from '../base/limits.ts';
import type { ObjectStore } from '../cloud/index.ts';
import type { OutputRef, OutputSlice } from '../protocol/acknowledgement.ts';
import type { RecordRun } from './api.ts';
import { packSlices } from './output-slices.ts';
import type { GatheredRun } from './output-writer.ts';
import { slotOf } from './routing.ts';
import { encodeRun } from './run-codec.ts';

/** What stays in memory, for subtasks of the same slot. */
export class KeptRuns {
  readonly #runs = new Map<string, RecordRun>();

  get size(): number {
    return this.#runs.size;
  }

  add(edge: number, target: number, run: RecordRun): void {
    this.#runs.set(`${edge}/${target}`, run);
  }

  get(edge: number, target: number): RecordRun | undefined {
    return this.#runs.get(`${edge}/${target}`);
  }
}

export interface EncodedOutput {
  readonly bytes: Uint8Array;
  readonly slices: readonly OutputSlice[];
}

/** Which runs go through storage, and which stay: those for subtasks of the sender's slot, unless memory is not to be relied on. */
export function divideOutput(
  gathered: readonly GatheredRun[],
  { slot, slots, storeHandover }: { readonly slot: number; readonly slots: number; readonly storeHandover: boolean },
): { readonly kept: KeptRuns; readonly sent: readonly GatheredRun[] } {
  const kept = new KeptRuns();
  const sent: GatheredRun[] = [];
  for (const { edge, targets, run } of gathered) {
    const own = storeHandover ? [] : targets.filter((target) => slotOf(target, slots) === slot);
    for (const target of own) kept.add(edge, target, run);
    const others = own.length === 0 ? targets : targets.filter((target) => slotOf(target, slots) !== slot);
    if (others.length > 0) sent.push({ edge, targets: others, run });
  }
  return { kept, sent };
}

/**
 * All that is sent, as one blob with a slice per edge and target. What one slot reads lies together; a broadcast run is
 * there once.
 */
export function encodeOutput(sent: readonly GatheredRun[], slots: number): EncodedOutput | undefined {
  if (sent.length === 0) return undefined;
  const slotOfRun = ({ targets }: GatheredRun): number => slotOf(targets[0]!, slots);
  const ordered = [...sent].sort((a, b) => slotOfRun(a) - slotOfRun(b) || a.edge - b.edge || a.targets[0]! - b.targets[0]!);
  const parts: Uint8Array[] = [];
  const slices: OutputSlice[] = [];
  let offset = 0;
  for (const { edge, targets, run } of ordered) {
    const bytes = encodeRun(run);
    parts.push(bytes);
    for (const target of targets) slices.push({ edge, target, offset, length: bytes.byteLength });
    offset += bytes.byteLength;
  }
  return { bytes: concatBytes(parts), slices };
}

/** Puts the blob where readers find it: into the acknowledgement if it is small, else as the one exchange object `uri`. */
export async function storeOutput(objects: ObjectStore, uri: string, { bytes, slices }: EncodedOutput): Promise<OutputRef> {
  const said = { checksum: checksumOf(bytes), slices: packSlices(slices) };
  if (bytes.byteLength <= limits.outputInlineBytesMax) return { at: { kind: 'inline', bytes }, ...said };
  await objects.put(uri, bytes);
  return { at: { kind: 'object', uri }, ...said };
}
