import type { Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type StoragePlace, uriOf } from './storage-place.ts';

/** What the functions of a control plane share. */
export interface ControlSetting {
  readonly stack: Stack;
  readonly table: ITable;
  readonly stateRoot: StoragePlace;
  readonly savepointsDir: StoragePlace;
  /** Below which clients may name paths, beside the two above. */
  readonly savepointPlaces: readonly StoragePlace[];
  /** What the names of this plane's state machines begin with. */
  readonly workflowPrefix: string;
  /** Name and value of the tag that every function of this plane's jobs bears. */
  readonly tag: { readonly name: string; readonly value: string };
  readonly bundlesDirectory: string;
  readonly logRetention: RetentionDays;
  readonly tracing: boolean;
}

/** All places that state and savepoints may lie in. */
export const placesOf = ({ stateRoot, savepointsDir, savepointPlaces }: ControlSetting): readonly StoragePlace[] => [
  stateRoot,
  savepointsDir,
  ...savepointPlaces,
];

/** As docs/DEPLOYMENT.md lists it. */
export const controlEnvironment = (setting: ControlSetting): Record<string, string> => ({
  WEIR_TABLE: setting.table.tableName,
  WEIR_STATE_ROOT: uriOf(setting.stateRoot),
  WEIR_SAVEPOINTS_DIR: uriOf(setting.savepointsDir),
  WEIR_SAVEPOINT_PREFIXES: setting.stack.toJsonString(placesOf(setting).map(uriOf)),
});
