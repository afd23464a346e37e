import checkpoint from '../infra/workflows/checkpoint.asl.json' with { type: 'json' };
import group from '../infra/workflows/group.asl.json' with { type: 'json' };
import job from '../infra/workflows/job.asl.json' with { type: 'json' };
import type { WorkflowTexts } from '../src/deployment/workflow-definitions.ts';

/** The definitions of workflows, inside the bundle of the function that creates them. */
export const workflowTexts: WorkflowTexts = {
  job: JSON.stringify(job),
  checkpoint: JSON.stringify(checkpoint),
  group: JSON.stringify(group),
};
