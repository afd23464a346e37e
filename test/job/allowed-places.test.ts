// Catches: a client that reads, writes or deletes where the control plane's rights reach, but its users may not.
import { describe, expect, it } from 'vitest';
import { checkAllowed } from '../../src/job/allowed-places.ts';

const prefixes = ['s3://state/weir', 's3://archive/savepoints/', 's3://whole'];
const refusal = (uri: string): string | undefined => {
  try {
    checkAllowed(uri, prefixes);
    return undefined;
  } catch (thrown) {
    return (thrown as { readonly code: string }).code;
  }
};

describe('places that clients name', () => {
  it.each([
    's3://state/weir',
    's3://state/weir/',
    's3://state/weir/checkpoints/a/chk-3',
    's3://archive/savepoints',
    's3://archive/savepoints/savepoint-aaaaaa-0123456789ab/_metadata',
    's3://whole',
    's3://whole/anything at all/..hidden/100%/ü',
  ])('may be at or below a prefix: %s', (uri) => {
    expect(refusal(uri)).toBeUndefined();
  });

  it.each([
    's3://state',
    's3://state/',
    's3://state/weird',
    's3://state/weir-other/savepoint',
    's3://state/weir/../secret',
    's3://state/weir/a/../../secret',
    's3://state/weir/..',
    's3://state/weir/./a',
    's3://state/weir//a',
    's3://state/weir/%2e%2e/secret',
    's3://state/weir/%2E%2E%2Fsecret',
    's3://state/weir/..%2fsecret',
    's3://state/weir/%252e%252e/secret',
    's3://state/weir/..\\secret',
    's3://state/weir/%5c..',
    's3://state/weir/a\nb',
    's3://state/weir/a\u0000',
    's3://State/weir/a',
    'S3://state/weir/a',
    's3:/state/weir/a',
    's3://archive/savepoint-elsewhere',
    's3://foreign/weir',
    's3://whole.example/a',
    's3://user@whole/a',
    's3://',
    'file:///etc/passwd',
    'file:/etc/passwd',
    '/etc/passwd',
    'https://state/weir',
    ' s3://state/weir/a',
    '../weir',
    'weir',
    '',
  ])('may be nowhere else, nor lead there: %j', (uri) => {
    expect(refusal(uri)).toBe('PATH_NOT_ALLOWED');
  });

  it('are refused with the prefixes, and with no more of a long path than shows it', () => {
    expect(() => checkAllowed(`s3://foreign/${'x'.repeat(5_000)}`, prefixes)).toThrow(
      /at or below one of s3:\/\/state\/weir, s3:\/\/archive\/savepoints, s3:\/\/whole, .*"s3:\/\/foreign\/x{187}\.\.\."\.$/,
    );
  });
});
