import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownPackageRoot } from '../src/program/own-package.ts';

/** The definitions of workflows, as the package has them. */
export const workflowsDirectory: string = join(ownPackageRoot, 'infra', 'workflows');

/** 16 hex digits over all definitions: other workflows are another version of every deployment. */
export function workflowsDigest(): string {
  const digest = createHash('sha256');
  for (const name of readdirSync(workflowsDirectory).sort()) {
    digest.update(`${name}\n${readFileSync(join(workflowsDirectory, name), 'utf8')}\n`);
  }
  return digest.digest('hex').slice(0, 16);
}
