// Catches: a release whose functions call themselves by the version before it.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { version } from '../../src/base/version.ts';

it('the version that bundles know is that of package.json', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string };
  expect(version).toBe(manifest.version);
});
