import type { Duration, TimeZone } from 'aws-cdk-lib';
import type { CronOptions } from 'aws-cdk-lib/aws-events';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';

export interface CronSchedule extends CronOptions {
  /** Default: UTC. */
  readonly timeZone?: TimeZone;
}

/** When savepoints are taken by themselves. */
export const Schedule = {
  /**
   * `Schedule.cron({ hour: '3' })` is three o'clock: fields smaller than the smallest that is given begin at 0, unlike those of
   * `aws-events`, where this would be every minute from three to four. Larger ones mean "every".
   */
  cron(fields: CronSchedule): ScheduleExpression {
    const minute = fields.minute ?? '0';
    const isDaily = fields.hour === undefined && (fields.day ?? fields.weekDay ?? fields.month ?? fields.year) !== undefined;
    return ScheduleExpression.cron({ ...fields, minute, ...(isDaily ? { hour: '0' } : {}) });
  },
  /** At equal distances: whole minutes, hours or days. */
  rate: (every: Duration): ScheduleExpression => ScheduleExpression.rate(every),
  /** In EventBridge's own words: `cron(0 3 * * ? *)`, `rate(6 hours)`. */
  expression: (text: string, timeZone?: TimeZone): ScheduleExpression => ScheduleExpression.expression(text, timeZone),
} as const;
