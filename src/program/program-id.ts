import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { Metafile, OutputFile } from 'esbuild';

/**
 * 16 hex digits of the digest over a bundle: equal programs have equal ids, wherever they lie on disk. So what names
 * places is left out: the files that source maps point to (where in them counts), the names of shared chunks, which
 * esbuild derives from both, and the paths by which it names CommonJS modules.
 */
export function programIdOf(outputs: readonly OutputFile[], inputs: Metafile['inputs']): string {
  const byName = new Map(outputs.map((output) => [basename(output.path), output]));
  const roots = [...byName.keys()].filter((name) => name.endsWith('.mjs') && !isChunk(name)).sort();
  const commonJs = Object.entries(inputs).flatMap(([path, { format }]) => (format === 'cjs' ? [JSON.stringify(path)] : []));
  const digest = createHash('sha256');
  const order = new Map<string, number>(roots.map((name, index) => [name, index]));
  for (const name of order.keys()) {
    let text = byName.get(name)!.text;
    for (const path of commonJs) text = text.replaceAll(`${path}(`, '"cjs"(');
    text = text.replace(chunkNames, (chunk) => {
      if (!order.has(chunk)) order.set(chunk, order.size);
      return `chunk-${order.get(chunk)}`;
    });
    digest.update(`${order.get(name)}:${isChunk(name) ? '' : name}:${text.length}:${text}`);
    const map = byName.get(`${name}.map`);
    if (map !== undefined) digest.update((JSON.parse(map.text) as { readonly mappings: string }).mappings);
  }
  return digest.digest('hex').slice(0, 16);
}

const chunkNames = /chunk-[A-Z0-9]{8}\.mjs/g;
const isChunk = (name: string): boolean => /^chunk-[A-Z0-9]{8}\.mjs$/.test(name);
