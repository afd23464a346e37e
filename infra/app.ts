import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { functionEntries } from '../functions/entries.ts';
import { bundleProgram } from '../src/program/bundle-program.ts';
import { WeirStack } from './weir-stack.ts';

/** `cdk synth -c job=examples/flight-delays/job.ts -c slots=2` */
const app = new App();
const jobFile = String(app.node.tryGetContext('job') ?? 'examples/flight-delays/job.ts');
const bundle = await bundleProgram({ jobFile, entries: functionEntries, outDir: mkdtempSync(join(tmpdir(), 'weir-')) });
new WeirStack(app, 'Weir', { bundleDirectory: bundle.directory, slots: Number(app.node.tryGetContext('slots') ?? 2) });
