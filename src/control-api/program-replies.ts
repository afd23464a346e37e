/** Shapes of what the control API says of programs and of jobs that are to begin; Flink calls programs jars. */
import * as z from 'zod';
import { hexId, jobPlan } from './replies.ts';
import { restorePlanView } from './snapshot-views.ts';

/** GET /jars: deployed programs, under Flink's word for them. */
export const programList = z.object({
  address: z.string(),
  files: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      uploaded: z.number(),
      entry: z.array(z.object({ name: z.string(), description: z.string().nullable() })),
    }),
  ),
});

/** POST /jars/:id/run. */
export const submitted = z.object({ jobid: hexId, weir: z.object({ warnings: z.array(z.string()) }) });

/** GET and POST /jars/:id/plan. */
export const programPlan = z.object({
  plan: jobPlan,
  /** `jobGraph`: what POST /savepoint-check takes. */
  weir: z.object({ parallelism: z.number(), warnings: z.array(z.string()), jobGraph: z.unknown() }),
});

/** POST /jars/:id/check. `restore`: null if the job would begin from nothing. */
export const dryRun = programPlan.extend({ restore: restorePlanView.nullable() });

/** POST /programs. */
export const deployed = z.object({ programId: z.string(), name: z.string() });
