/** CloudWatch's units, as far as they are used. */
export type MetricUnit = 'Count' | 'Milliseconds' | 'Bytes';

export interface MetricEvent {
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** Every metric is stored once per set of values: only what has few of them, a deployment or an operator. */
  readonly dimensions: { readonly deployment: string; readonly operator?: string };
  readonly values: Readonly<Record<string, readonly [value: number, unit: MetricUnit]>>;
}

export const metricNamespace = 'Weir';

/** Metrics as one line of a function's log, in CloudWatch's embedded metric format: no call, no client. */
export function emfLine({ timestamp, dimensions, values }: MetricEvent): string {
  const entries = Object.entries(values);
  return JSON.stringify({
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [
        {
          Namespace: metricNamespace,
          Dimensions: [Object.keys(dimensions)],
          Metrics: entries.map(([name, [, unit]]) => ({ Name: name, Unit: unit })),
        },
      ],
    },
    ...dimensions,
    ...Object.fromEntries(entries.map(([name, [value]]) => [name, value])),
  });
}
