import type { PlannedOperator, PlanRemark, PlanRule, StatePlan } from './restore-plan.ts';

/** How messages name an operator: by uid where it has one, always by name and id. */
export function nameOf({ uid, name, operatorId }: PlannedOperator): string {
  return uid === undefined ? `operator "${name}" (no uid, id ${operatorId})` : `operator "${uid}" (name "${name}", id ${operatorId})`;
}

export const describeState = ({ kind, name }: Pick<StatePlan, 'kind' | 'name'>): string =>
  kind === 'timers'
    ? `${name === '' ? 'event-time' : 'processing-time'} timers`
    : name === '_splits'
      ? 'reading positions'
      : `state "${name}"`;

export function remark(rule: PlanRule, operator: PlannedOperator, message: string, advice: string, state?: string): PlanRemark {
  const { uid, name, operatorId } = operator;
  return {
    rule,
    message,
    advice,
    operator: { operatorId, name, ...(uid === undefined ? {} : { uid }) },
    ...(state === undefined ? {} : { state }),
  };
}
