import { functionEntries } from '../functions/entries.ts';
import { WeirError } from '../src/base/errors.ts';
import { bundleProgram } from '../src/program/bundle-program.ts';

/** Run by `bundleJob` with a job file and a directory: prints the bundle, or what is wrong with the file. */
const [jobFile = '', outDir = ''] = process.argv.slice(2);
try {
  process.stdout.write(JSON.stringify(await bundleProgram({ jobFile, entries: functionEntries, outDir })));
} catch (error) {
  if (!WeirError.is(error)) throw error;
  process.stdout.write(JSON.stringify({ code: error.code, domain: error.domain, message: error.message, advice: error.advice }));
}
