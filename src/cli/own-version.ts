import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownPackageRoot } from '../program/own-package.ts';

/** Of this package. */
export function ownVersion(): string {
  return (JSON.parse(readFileSync(join(ownPackageRoot, 'package.json'), 'utf8')) as { readonly version: string }).version;
}
