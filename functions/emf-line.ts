/** CloudWatch's units, as far as they are used. */
export type MetricUnit = 'Count' | 'Milliseconds' | 'Bytes';

export interface MetricEvent {
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** Every metric is stored once per set of values: only what has few of them, a deployment or an operator; the control plane none. */
  readonly dimensions: { readonly deployment?: string; readonly operator?: string };
  readonly values: Readonly<Record<string, readonly [value: number, unit: MetricUnit]>>;
}

export const metricNamespace = 'Weir';

/** Metrics as one line of a function's log, in CloudWatch's embedded metric format: no call, no client. */
export const emfLine = (event: MetricEvent): string => JSON.stringify(emfFields(event));

/** The same as fields of a line that says more. */
export function emfFields({ timestamp, dimensions, values }: MetricEvent): object {
  const entries = Object.entries(values);
  return {
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
  };
}
