/** The CDK constructs. */
export { ControlPlane, type ControlPlaneAuth, type ControlPlaneProps, type SecretRef } from './control-plane.ts';
export { JobAlarms, type JobAlarmsProps } from './job-alarms.ts';
export type { JobMetricName } from './job-metrics.ts';
export type { RouteGroup } from './route-group.ts';
export type { SavepointRetention } from './savepoint-schedule.ts';
export { type CronSchedule, Schedule } from './schedule.ts';
export type { BucketRef, TableRef } from './state-storage.ts';
export { StreamJob, type StreamJobProps } from './stream-job.ts';
export { UpgradeMode } from './upgrade-mode.ts';
