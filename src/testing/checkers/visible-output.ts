import { objectUris } from '../../protocol/names.ts';
import type { CollectingSink } from '../../stream/collecting-sink.ts';
import type { Sink } from '../../stream/sink.ts';
import { type CollectSink, decodeCollected } from '../collect-sink.ts';
import { stateRoot } from '../simulated-deployment.ts';
import type { SimulatedObjects } from '../simulated-object-store.ts';

/** Whether its output can be read here. */
export const isVisible = (sink: Sink<unknown>): boolean => 'collectedUri' in sink || 'collects' in sink;

/** What a sink of a job has made visible: by the operator, subtask and checkpoint that it is of. */
export function visibleOutput(
  objects: SimulatedObjects,
  { sink, operatorId, jobId }: VisibleSink,
): ReadonlyMap<string, readonly unknown[]> {
  const directory = directoryOf(sink, jobId);
  const output = new Map<string, readonly unknown[]>();
  for (const uri of objects.names(directory.uri)) {
    const place = directory.placeOf(uri.slice(uri.lastIndexOf('/') + 1));
    // Sinks of one name share a directory.
    if (place.startsWith(operatorId)) output.set(place, [...(output.get(place) ?? []), ...decodeCollected(objects.peek(uri)!)]);
  }
  return output;
}

export interface VisibleSink {
  readonly sink: Sink<unknown>;
  readonly operatorId: string;
  readonly jobId: string;
}

/** `<operatorId>-<subtask>-<checkpoint>` */
export const outputPlace = (operatorId: string, subtask: number, checkpoint: number): string =>
  `${operatorId}-${subtask}-${String(checkpoint).padStart(10, '0')}`;

function directoryOf(sink: Sink<unknown>, jobId: string): { readonly uri: string; placeOf(name: string): string } {
  if ('collectedUri' in sink) return { uri: (sink as CollectSink<unknown>).collectedUri, placeOf: (name) => name };
  const placeOf = (name: string) => {
    const [checkpoint, operatorId, subtask] = name.split('-');
    return outputPlace(operatorId!, Number(subtask), Number(checkpoint));
  };
  return { uri: `${objectUris.visibleResults(stateRoot, jobId)}${(sink as CollectingSink<unknown>).collects}/`, placeOf };
}
