import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checksumOf, utf8 } from '../base/bytes.ts';
import { nearestPackageRoot } from './own-package.ts';

/** A file as it was when it was bundled: path, bytes, time of change; -1 for both where there was none. */
type SeenFile = readonly [path: string, bytes: number, changedAt: number];

interface CachedBundle {
  readonly programId: string;
  readonly files: readonly SeenFile[];
}

/**
 * Remembers which program came of which files, so that a bundle is only made again when one of them has changed. Trusts
 * sizes and times of change, as make does.
 */
export class BundleCache {
  readonly #file: string;
  readonly #outDir: string;

  /** `request`: everything that a bundle depends on, apart from the content of files. */
  constructor(outDir: string, request: unknown) {
    this.#outDir = outDir;
    this.#file = join(outDir, `.bundle-${checksumOf(utf8(JSON.stringify(request))).slice(0, 16)}.json`);
  }

  /** The id of the program, if all it was made of is as it was and its bundle is still there. */
  find(): string | undefined {
    try {
      const cached = JSON.parse(readFileSync(this.#file, 'utf8')) as CachedBundle;
      if (!existsSync(join(this.#outDir, cached.programId))) return undefined;
      return cached.files.every(([path, bytes, changedAt]) => sameFile(seen(path), bytes, changedAt)) ? cached.programId : undefined;
    } catch {
      // Not there yet, or half of it: bundling gives the same result.
      return undefined;
    }
  }

  /** `before` is a file or directory made before the bundler ran: what changed since may have been read halfway. */
  keep(programId: string, jobFile: string, inputs: readonly string[], before: string): void {
    const settings = ['package.json', 'tsconfig.json'].map((name) => join(nearestPackageRoot(dirname(jobFile)), name));
    const files = [...inputs, ...settings].map(seen);
    const startedAt = statSync(before).mtimeMs;
    if (files.some(([, , changedAt]) => changedAt >= startedAt)) return;
    const cached: CachedBundle = { programId, files };
    writeFileSync(`${this.#file}.${process.pid}`, JSON.stringify(cached));
    renameSync(`${this.#file}.${process.pid}`, this.#file);
  }
}

function seen(path: string): SeenFile {
  const stats = statSync(path, { throwIfNoEntry: false });
  return [path, stats?.size ?? -1, stats?.mtimeMs ?? -1];
}

const sameFile = ([, bytes, changedAt]: SeenFile, thenBytes: number, thenChangedAt: number): boolean =>
  bytes === thenBytes && changedAt === thenChangedAt;
