import * as z from 'zod';
import { WeirError } from '../src/base/errors.ts';
import { limits } from '../src/base/limits.ts';
import type { DeploymentTarget, SavepointSchedule } from '../src/protocol/deployment-record.ts';
import type { Portable } from '../src/values/portable.ts';

/** CloudFormation makes strings of numbers and booleans. */
const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(least).max(most));

const json = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'it is no JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);

const arn = z.string().startsWith('arn:').max(256);
const name = z.string().min(1).max(limits.deploymentNameCharactersMax);
const schedule = z.object({
  expression: z.string().min(1).max(256),
  timeZone: z.string().min(1).max(64).optional(),
  keep: z.number().int().min(1).max(10_000).optional(),
  maxAgeMs: z.number().int().min(1).optional(),
  directory: z.string().min(1).max(limits.savepointDirectoryBytesMax).optional(),
});

const properties = z.object({
  Deployment: name,
  CodeDigest: z.string().min(1).max(128),
  SlotFunctionArns: z.array(arn).min(1).max(limits.deploymentSlotsMax),
  CoordinatorFunctionArn: arn,
  WorkflowRoleArn: arn,
  WorkflowPrefix: z.string().min(1).max(limits.workflowPrefixCharactersMax),
  WorkflowDigest: z.string().min(1).max(128),
  Slots: whole(1, limits.deploymentSlotsMax).optional(),
  Args: json(z.json()).optional(),
  Parallelism: whole(1, limits.parallelismMax).optional(),
  CheckpointIntervalMs: whole(1, 24 * 3_600_000).optional(),
  UpgradeMode: z.enum(['savepoint', 'last-state', 'stateless', 'manual']).optional(),
  UpgradeTimeoutMs: whole(60_000, limits.upgradeMsMax).optional(),
  StateBackend: z.enum(['memory', 'dynamodb', 'filesystem']).optional(),
  AllowNonRestoredState: z.enum(['true', 'false']).optional(),
  InitialSavepointPath: z.string().min(1).max(1_024).optional(),
  Schedule: json(schedule).optional(),
});

export interface DeploymentProperties {
  readonly deployment: string;
  readonly target: DeploymentTarget;
  /** Null: none. */
  readonly schedule: SavepointSchedule | null;
}

/** What the custom resource says that should run. Throws DEPLOYMENT_PROPERTIES_INVALID, which names each property that is wrong. */
export function deploymentProperties(given: Readonly<Record<string, unknown>>): DeploymentProperties {
  const result = properties.safeParse(given);
  if (!result.success) throw invalid(result.error);
  const said = result.data;
  const target: DeploymentTarget = {
    source: {
      kind: 'functions',
      codeDigest: said.CodeDigest,
      slotFunctions: said.SlotFunctionArns,
      coordinatorFunction: said.CoordinatorFunctionArn,
      workflowRole: said.WorkflowRoleArn,
      workflowPrefix: said.WorkflowPrefix,
      workflowDigest: said.WorkflowDigest,
    },
    args: (said.Args ?? {}) as Portable,
    mode: said.UpgradeMode ?? 'savepoint',
    allowNonRestoredState: said.AllowNonRestoredState === 'true',
    ...(said.Parallelism === undefined ? {} : { parallelism: said.Parallelism }),
    ...(said.CheckpointIntervalMs === undefined ? {} : { checkpointIntervalMs: said.CheckpointIntervalMs }),
    ...(said.UpgradeTimeoutMs === undefined ? {} : { timeoutMs: said.UpgradeTimeoutMs }),
    ...(said.StateBackend === undefined ? {} : { stateBackend: said.StateBackend }),
    ...(said.InitialSavepointPath === undefined ? {} : { initialSavepointPath: said.InitialSavepointPath }),
  };
  return { deployment: said.Deployment, target, schedule: said.Schedule === undefined ? null : withoutMissing(said.Schedule) };
}

const withoutMissing = (said: z.infer<typeof schedule>): SavepointSchedule =>
  Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as unknown as SavepointSchedule;

function invalid(error: z.ZodError): WeirError {
  const issues = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  return new WeirError({
    code: 'DEPLOYMENT_PROPERTIES_INVALID',
    domain: 'user',
    message: `The properties of the deployment are not as expected: ${issues.join('; ')}.`,
    advice: 'Let the construct StreamJob make the resource; construct and control plane are of the same release.',
  });
}
