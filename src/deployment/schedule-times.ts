import { Cron } from 'croner';
import { WeirError } from '../base/errors.ts';

const unitsMs: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
/** Sunday is 1 in EventBridge. */
const dayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/**
 * When a schedule fires next after a moment; both in milliseconds. Expressions are EventBridge Scheduler's: `rate(5 minutes)`,
 * counted from the beginning of 1970, and `cron(0 3 * * ? *)` with minutes, hours, days of the month, months, days of the
 * week and years, in the time zone; the five fields of Unix do too. Nothing: it never fires again. Throws SCHEDULE_INVALID.
 */
export function nextFiring(expression: string, timeZone: string, after: number): number | undefined {
  const rate = /^rate\(\s*(\d+)\s+(minute|hour|day)s?\s*\)$/.exec(expression.trim());
  if (rate !== null) {
    const periodMs = Number(rate[1]) * unitsMs[rate[2]!]!;
    if (periodMs === 0) throw invalid(expression, 'the rate is 0');
    return (Math.floor(after / periodMs) + 1) * periodMs;
  }
  try {
    return new Cron(patternOf(expression), { timezone: timeZone }).nextRun(new Date(after))?.getTime();
  } catch (cause) {
    if (WeirError.is(cause)) throw cause;
    throw invalid(expression, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** With seconds before and years behind, as the library counts fields. */
function patternOf(expression: string): string {
  const inside = /^cron\(([^()]*)\)$/.exec(expression.trim())?.[1];
  const fields = (inside ?? expression).trim().split(/\s+/);
  if (inside === undefined && fields.length === 5) return `0 ${fields.join(' ')} *`;
  if (fields.length !== 6) throw invalid(expression, `it has ${fields.length} fields`);
  const [minute, hour, day, month, weekday, year] = fields as [string, string, string, string, string, string];
  if ((day === '?') === (weekday === '?')) throw invalid(expression, 'one of the days, of the month and of the week, must be "?"');
  const days = day === '?' ? '*' : stepped(day, 31);
  return `0 ${stepped(minute, 59)} ${stepped(hour, 23)} ${days} ${stepped(month, 12)} ${weekday === '?' ? '*' : weekdays(weekday)} ${year}`;
}

/** `5/15` is every fifteenth from 5 on. */
const stepped = (field: string, most: number): string =>
  field.replace(/(^|,)(\d+)\//g, (_, before: string, from: string) => `${before}${from}-${most}/`);

/** By name, since the numbers mean other days elsewhere. `6L` is the last Friday, `6#3` the third. */
const weekdays = (field: string): string =>
  field
    .replace(/(^|[,-])([1-7])(?=$|[,\-L#])/g, (_, before: string, day: string) => `${before}${dayNames[Number(day) - 1]}`)
    .replace(/L$/, '#L');

function invalid(expression: string, found: string, cause?: unknown): WeirError {
  return new WeirError({
    code: 'SCHEDULE_INVALID',
    domain: 'user',
    message: `A schedule should be rate(<number> minutes|hours|days), or cron(<minutes> <hours> <day of month> <month> <day of week> <year>); of "${expression}" ${found}.`,
    advice: 'Write for instance cron(0 3 * * ? *), which is three o’clock every day, or rate(6 hours).',
    ...(cause === undefined ? {} : { cause }),
  });
}
