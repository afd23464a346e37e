// Catches: a deployment that an account can't hold, found out halfway through; and one that it can hold, refused.
import { describe, expect, test } from 'vitest';
import { type AccountLimits, type DeploymentNeeds, exceededLimits } from '../../functions/account-limits.ts';

const needs: DeploymentNeeds = {
  deployment: 'flights',
  slots: 4,
  reservedConcurrency: false,
  codeBytes: 1_000_000,
  slotsReservedBefore: 0,
};
const limits: AccountLimits = { concurrentExecutions: 1_000, unreservedExecutions: 1_000, codeBytesMax: 80_000_000_000, codeBytes: 0 };

describe('the account’s limits', () => {
  test('hold a deployment that fits exactly, and refuse one slot more, with the numbers', () => {
    const fresh = { ...limits, concurrentExecutions: 10, unreservedExecutions: 10 };
    expect(exceededLimits({ ...needs, slots: 5 }, fresh)).toEqual([]);
    expect(exceededLimits({ ...needs, slots: 6 }, fresh)).toEqual([
      "Deployment flights needs 11 concurrent executions, for 6 slots and 5 beside them; of the account's 10, 10 are not reserved.",
    ]);
  });

  test('count what others have reserved as taken', () => {
    expect(exceededLimits({ ...needs, slots: 20 }, { ...limits, unreservedExecutions: 24 })).toHaveLength(1);
    expect(exceededLimits({ ...needs, slots: 20 }, { ...limits, unreservedExecutions: 25 })).toEqual([]);
  });

  test('leave a hundred executions unreserved', () => {
    const reserving = { ...needs, reservedConcurrency: true };
    expect(exceededLimits({ ...reserving, slots: 98 }, { ...limits, unreservedExecutions: 200 })).toEqual([]);
    expect(exceededLimits({ ...reserving, slots: 99 }, { ...limits, unreservedExecutions: 200 })).toEqual([
      "Deployment flights would reserve 101 concurrent executions for 99 slots and the coordinator; of the account's 1000, 200 are not reserved, and 100 of those must stay so.",
    ]);
  });

  test('give back what the deployment has reserved before', () => {
    const again = { ...needs, slots: 99, reservedConcurrency: true, slotsReservedBefore: 99 };
    expect(exceededLimits(again, { ...limits, unreservedExecutions: 100 })).toEqual([]);
    expect(exceededLimits({ ...again, slots: 100 }, { ...limits, unreservedExecutions: 100 })).toHaveLength(1);
  });

  test('hold the code of all new versions beside what is there', () => {
    const codeBytes = limits.codeBytesMax - 5_000_000;
    expect(exceededLimits(needs, { ...limits, codeBytes })).toEqual([]);
    expect(exceededLimits({ ...needs, codeBytes: 1_000_001 }, { ...limits, codeBytes })).toEqual([
      expect.stringMatching(/5 versions of up to 1000001 bytes/),
    ]);
  });
});
