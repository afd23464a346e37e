import { resolve } from 'node:path';
import { Stage } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * Where bundles are made, each in a directory of its own: beside the app's output, so that the next synthesis finds them again.
 * Absolute: the bundler works in the package's directory, which is the app's only in a clone.
 */
export function bundlesDirectory(scope: Construct): string {
  const { root } = scope.node;
  return resolve(Stage.isStage(root) ? root.outdir : 'cdk.out', 'weir-bundles');
}
