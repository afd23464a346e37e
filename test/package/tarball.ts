import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, type Said } from './stranger.ts';

export const root: string = fileURLToPath(new URL('../..', import.meta.url));

export interface Tarball {
  readonly file: string;
  /** What is in it, from the package's root. */
  readonly paths: readonly string[];
}

/** What is published: compiles and packs this repository as `npm pack` does. */
export async function packInto(directory: string): Promise<Tarball> {
  const { code, stdout, stderr } = await run(root, ['npm', 'pack', '--json', '--pack-destination', directory], process.env);
  if (code !== 0) throw new Error(`npm pack ended with ${code}:\n${stdout}\n${stderr}`);
  // What the build's scripts say may stand before it.
  const packed = JSON.parse(stdout.slice(stdout.search(/^[[{]$/m))) as readonly Packed[] | Readonly<Record<string, Packed>>;
  const { filename, files } = Object.values(packed)[0]!;
  return { file: join(directory, filename), paths: files.map(({ path }) => path) };
}

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Runs a tool of this repository's. */
export const check = (tool: string, ...words: readonly string[]): Promise<Said> =>
  run(root, [join(root, 'node_modules', '.bin', tool), ...words], process.env);
