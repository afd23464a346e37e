/** How a new version of a job takes over from the old one; the modes of Flink's Kubernetes operator. */
export const UpgradeMode = {
  /** The job is stopped with a savepoint, and the new version begins from it. */
  SAVEPOINT: 'savepoint',
  /** The job is cancelled, and the new version begins from its latest checkpoint. */
  LAST_STATE: 'last-state',
  /** The job is cancelled, and the new version begins from nothing. */
  STATELESS: 'stateless',
  /** The new version is published, and runs when somebody starts it. */
  MANUAL: 'manual',
} as const;
export type UpgradeMode = (typeof UpgradeMode)[keyof typeof UpgradeMode];
