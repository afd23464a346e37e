import { checksumOf, utf8 } from '../base/bytes.ts';
import { WeirError } from '../base/errors.ts';

/** The texts of infra/workflows, by the name of their file without `.asl.json`. */
export type WorkflowTexts = Readonly<Record<string, string>>;

const placeholder = /\$\{(\w+)\}/g;

/** The one that drives a job; all others are started by it. */
export const jobWorkflow = 'job';

export const workflowType = (workflow: string): 'STANDARD' | 'EXPRESS' => (workflow === jobWorkflow ? 'STANDARD' : 'EXPRESS');

/** The placeholder that stands for a workflow's ARN: `CheckpointWorkflowArn` of `checkpoint`. */
export const workflowPlaceholder = (workflow: string): string => `${workflow[0]!.toUpperCase()}${workflow.slice(1)}WorkflowArn`;

/**
 * In which order workflows are made, so that each finds the ARNs of those that it starts. Throws WORKFLOW_UNSUPPORTED for
 * those that start each other.
 */
export function workflowOrder(texts: WorkflowTexts): readonly string[] {
  const names = Object.keys(texts).sort();
  const needs = (name: string): readonly string[] => {
    const found = new Set([...texts[name]!.matchAll(placeholder)].map((match) => match[1]));
    return names.filter((other) => found.has(workflowPlaceholder(other)));
  };
  const order: string[] = [];
  while (order.length < names.length) {
    const next = names.find((name) => !order.includes(name) && needs(name).every((other) => order.includes(other)));
    if (next === undefined) {
      throw new WeirError({
        code: 'WORKFLOW_UNSUPPORTED',
        domain: 'internal',
        message: 'The workflow definitions start each other in a circle.',
      });
    }
    order.push(next);
  }
  return order;
}

export const fillWorkflow = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(placeholder, (whole, name: string) => values[name] ?? whole);

/** A state machine's name: with a digest of its definition, so that another definition is another machine. */
export const workflowName = (prefix: string, workflow: string, definition: string): string =>
  `${prefix}${workflow}-${checksumOf(utf8(definition)).slice(0, 12)}`;

/** Of all definitions together, as they are before their placeholders are filled. */
export const workflowDigest = (texts: WorkflowTexts): string =>
  checksumOf(
    utf8(
      JSON.stringify(
        Object.keys(texts)
          .sort()
          .map((name) => [name, texts[name]]),
      ),
    ),
  ).slice(0, 16);
