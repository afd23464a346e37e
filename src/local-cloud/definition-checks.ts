import { WeirError } from '../base/errors.ts';
import { isJsonObject, type JsonObject } from './json.ts';

/** A nested set of states: the definition itself, a Map's processor, a branch. */
export function scopesOf(state: JsonObject): readonly JsonObject[] {
  const processor = state.ItemProcessor ?? state.Iterator;
  const branches = Array.isArray(state.Branches) ? state.Branches : [];
  return [processor, ...branches].filter(isJsonObject);
}

/** What a state may not use here, each with the reason. Fields by name, or a look at the whole state. */
const refusals: readonly { readonly why: string; readonly found: (state: JsonObject) => boolean }[] = [
  { why: 'JSONata (QueryLanguage, Arguments, Output, Assign)', found: usesJsonata },
  { why: 'heartbeats', found: (state) => hasOneOf(state, ['HeartbeatSeconds', 'HeartbeatSecondsPath']) },
  { why: 'Credentials', found: (state) => 'Credentials' in state },
  { why: 'a distributed Map', found: isDistributed },
  { why: 'Retry on a Map or Parallel state', found: (state) => state.Type !== 'Task' && 'Retry' in state },
  { why: 'InputPath on a Wait state', found: (state) => state.Type === 'Wait' && 'InputPath' in state },
  { why: 'States.TaskFailed in a Catch (States.ALL and names are matched)', found: catchesTaskFailed },
  { why: '$$.Map outside an ItemSelector', found: readsMapElsewhere },
  { why: 'the whole context object ($$ or $$.Execution)', found: (state) => /"\$\$(\.Execution)?"/.test(JSON.stringify(ownFields(state))) },
];

function usesJsonata(state: JsonObject): boolean {
  return (state.QueryLanguage ?? 'JSONPath') !== 'JSONPath' || hasOneOf(state, ['Arguments', 'Output', 'Assign']);
}

const hasOneOf = (state: JsonObject, fields: readonly string[]): boolean => fields.some((field) => field in state);

function isDistributed(state: JsonObject): boolean {
  const processor = state.ItemProcessor;
  const config = isJsonObject(processor) ? processor.ProcessorConfig : undefined;
  return hasOneOf(state, ['ItemReader', 'ItemBatcher', 'ResultWriter']) || (isJsonObject(config) && config.Mode === 'DISTRIBUTED');
}

function catchesTaskFailed(state: JsonObject): boolean {
  return JSON.stringify(state.Catch ?? []).includes('"States.TaskFailed"');
}

function ownFields(state: JsonObject): JsonObject {
  const { ItemProcessor: _processor, Iterator: _iterator, Branches: _branches, ...own } = state;
  return own;
}

function readsMapElsewhere(state: JsonObject): boolean {
  const { ItemSelector: _selector, Parameters, ...rest } = ownFields(state);
  const read = state.Type === 'Map' ? rest : { ...rest, Parameters };
  return JSON.stringify(read).includes('$$.Map');
}

/**
 * Refuses what the interpreter would do otherwise than the service, or not at all: a workflow that runs here must mean
 * the same there. The syntax is another matter, for a validator.
 */
export function checkSupported(definition: JsonObject, seen: Set<string> = new Set()): void {
  if (usesJsonata(definition)) refuse('the definition', 'JSONata');
  for (const [name, state] of Object.entries(isJsonObject(definition.States) ? definition.States : {})) {
    if (!isJsonObject(state)) continue;
    if (seen.has(name)) refuse(`state "${name}"`, 'a name that another state of the same workflow has');
    seen.add(name);
    for (const { why, found } of refusals) if (found(state)) refuse(`state "${name}"`, why);
    for (const scope of scopesOf(state)) checkSupported(scope, seen);
  }
}

export function refuse(subject: string, why: string): never {
  throw new WeirError({
    code: 'WORKFLOW_UNSUPPORTED',
    domain: 'user',
    message: `In the workflow, ${subject} uses ${why}, which the embedded cloud does not interpret as AWS does.`,
    advice: 'Write the workflow with JSONPath, inline Maps and catchers of States.ALL.',
  });
}
