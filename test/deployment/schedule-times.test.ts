// Catches: a schedule that fires on another day or at another hour here than EventBridge Scheduler does.
import { describe, expect, it } from 'vitest';
import { nextFiring } from '../../src/deployment/schedule-times.ts';

const after = Date.parse('2026-03-04T12:00:00Z'); // a Wednesday
const next = (expression: string, timeZone = 'UTC'): string => new Date(nextFiring(expression, timeZone, after)!).toISOString();

describe('a schedule fires', () => {
  it.each([
    ['cron(0 3 * * ? *)', '2026-03-05T03:00:00.000Z'],
    ['cron(30 12 ? * 4 *)', '2026-03-04T12:30:00.000Z'], // Wednesday is 4
    ['cron(0 9 ? * MON-FRI *)', '2026-03-05T09:00:00.000Z'],
    ['cron(0 9 ? * 2-6 *)', '2026-03-05T09:00:00.000Z'],
    ['cron(0 9 ? * 1 *)', '2026-03-08T09:00:00.000Z'], // Sunday is 1
    ['cron(0 9 ? * 6L *)', '2026-03-27T09:00:00.000Z'],
    ['cron(0 9 ? * 6#3 *)', '2026-03-20T09:00:00.000Z'],
    ['cron(0 9 L * ? *)', '2026-03-31T09:00:00.000Z'],
    ['cron(0/15 * * * ? *)', '2026-03-04T12:15:00.000Z'],
    ['cron(0 3 1 1 ? 2028)', '2028-01-01T03:00:00.000Z'],
    ['0 3 * * *', '2026-03-05T03:00:00.000Z'],
    ['rate(6 hours)', '2026-03-04T18:00:00.000Z'],
    ['rate(1 day)', '2026-03-05T00:00:00.000Z'],
  ])('%s after a Wednesday noon at %s', (expression, at) => {
    expect(next(expression)).toBe(at);
  });

  it('in its time zone', () => {
    expect(next('cron(0 3 * * ? *)', 'Europe/Berlin')).toBe('2026-03-05T02:00:00.000Z');
  });

  it('never again after its last year', () => {
    expect(nextFiring('cron(0 3 * * ? 2020)', 'UTC', after)).toBeUndefined();
  });

  it.each(['cron(0 3 * * *)', 'cron(0 3 * * * *)', 'cron(0 3 ? * ? *)', 'rate(0 hours)', 'rate(1 week)', 'at noon', 'cron(99 3 * * ? *)'])(
    'not at all if it is %s',
    (expression) => {
      expect(() => nextFiring(expression, 'UTC', after)).toThrowError(expect.objectContaining({ code: 'SCHEDULE_INVALID' }));
    },
  );
});
