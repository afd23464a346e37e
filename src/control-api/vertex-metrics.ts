/** Pure: what is measured of a vertex's subtasks, as of the latest checkpoint, in the shapes of Flink's metrics. */
import type { ManifestSubtask } from '../protocol/manifest.ts';
import { javaLongMaxText, javaLongMinText } from './java-long.ts';
import type { AggregatedMetricList, MetricList } from './vertex-replies.ts';

/** The watermark by Flink's name, and what our checkpoints count. */
const measures: Readonly<Record<string, (subtask: ManifestSubtask) => string>> = {
  currentInputWatermark: ({ watermark }) => watermarkText(watermark),
  stateEntries: ({ stateEntries }) => String(stateEntries),
  stateBytes: ({ stateBytes }) => String(stateBytes),
};

/** The end of event time, and none yet, are Java's largest and least long. */
function watermarkText(watermark: number | null): string {
  if (watermark === null) return javaLongMinText;
  return watermark === Number.MAX_SAFE_INTEGER ? javaLongMaxText : String(watermark);
}

/** GET /jobs/:jobid/vertices/:vertexid/watermarks. */
export const watermarksOf = (subtasks: readonly ManifestSubtask[]): MetricList =>
  subtasks.map(({ watermark }, index) => ({ id: `${index}.currentInputWatermark`, value: watermarkText(watermark) }));

/** GET /jobs/:jobid/vertices/:vertexid/metrics. Names that `get` has, joined by commas, but nobody knows are left out. */
export function metricsOfSubtasks(subtasks: readonly ManifestSubtask[], get: string | undefined): MetricList {
  const all = subtasks.flatMap((subtask, index) =>
    Object.entries(measures).map(([name, measure]) => ({ id: `${index}.${name}`, value: measure(subtask) })),
  );
  if (get === undefined) return all.map(({ id }) => ({ id }));
  const wanted = new Set(get.split(','));
  return all.filter(({ id }) => wanted.has(id));
}

export interface AggregationQuery {
  readonly get: string | undefined;
  /** Of min, max, avg, sum; all of them if left out. */
  readonly agg: string | undefined;
  /** As `0,2-4`; all of them if left out. */
  readonly subtasks: string | undefined;
}

/** GET /jobs/:jobid/vertices/:vertexid/subtasks/metrics. */
export function aggregatedMetricsOf(subtasks: readonly ManifestSubtask[], query: AggregationQuery): AggregatedMetricList {
  const names = Object.keys(measures);
  if (query.get === undefined) return subtasks.length === 0 ? [] : names.map((id) => ({ id }));
  const wanted = new Set(query.get.split(','));
  const chosen = subtasks.filter((_, index) => isIn(query.subtasks, index));
  if (chosen.length === 0) return [];
  const kinds = new Set(query.agg?.split(',') ?? ['min', 'max', 'avg', 'sum']);
  return names
    .filter((name) => wanted.has(name))
    .map((id) => {
      const values = chosen.map((subtask) => Number(measures[id]!(subtask)));
      const sum = values.reduce((total, value) => total + value, 0);
      const aggregates = { min: Math.min(...values), max: Math.max(...values), avg: sum / values.length, sum };
      return { id, ...Object.fromEntries(Object.entries(aggregates).filter(([kind]) => kinds.has(kind))) };
    });
}

const isIn = (ranges: string | undefined, index: number): boolean =>
  ranges === undefined ||
  ranges.split(',').some((range) => {
    const [from, to = from] = range.split('-').map(Number);
    return from !== undefined && to !== undefined && from <= index && index <= to;
  });
