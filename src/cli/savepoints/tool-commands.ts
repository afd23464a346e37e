import type { Terminal } from '../terminal.ts';
import { bytes, plural } from '../units.ts';
import { locationOf } from './location.ts';
import { renderDifference, renderInspection, renderStorage } from './render-snapshot.ts';
import { type ClientOptions, said, withClient } from './savepoint-command.ts';

interface PathOptions extends ClientOptions {
  readonly path: string;
}

interface PairOptions extends PathOptions {
  readonly other: string;
}

/** `weir savepoint inspect <path>`: from its metadata alone. */
export async function inspectCommand(options: PathOptions, terminal: Terminal): Promise<number> {
  const found = await withClient(options, (client) => client.inspectSnapshot({}, {}, { path: locationOf(options.path) }), 'look');
  return said(terminal, renderInspection(found), found);
}

/** `weir savepoint diff <path> <path>`. */
export async function diffCommand({ path, other, ...options }: PairOptions, terminal: Terminal): Promise<number> {
  const query = { before: locationOf(path), after: locationOf(other) };
  const found = await withClient(options, (client) => client.diffSnapshots({}, {}, query), 'look');
  return said(terminal, renderDifference(found), found);
}

/** `weir savepoint export <path> <target>`: a copy that stands by itself. */
export async function exportCommand({ path, other, ...options }: PairOptions, terminal: Terminal): Promise<number> {
  const target = locationOf(other);
  const body = { 'savepoint-path': locationOf(path), target };
  await withClient(
    options,
    async (client) => {
      for (;;) {
        const { done, copied, of } = await client.exportSnapshot({}, body);
        if (done) return;
        terminal.step(`copied ${copied} of ${plural(of, 'segment')}`);
      }
    },
    'look',
  );
  return said(terminal, [`Savepoint exported. Path: ${target}`], { event: 'exported', path: target });
}

/** `weir savepoint migrate <path> <target>`: in place where the two are one. */
export async function migrateCommand({ path, other, ...options }: PairOptions, terminal: Terminal): Promise<number> {
  const body = { 'savepoint-path': locationOf(path), target: locationOf(other) };
  const done = await withClient(options, (client) => client.migrateSnapshot({}, body), 'look');
  const how = done.changed
    ? `Metadata of version ${done.from} rewritten as version ${done.to}`
    : `Metadata is of version ${done.to} already`;
  return said(terminal, [`${how}. Path: ${done.path}`], { event: 'migrated', ...done });
}

/** `weir gc`: explains every byte, and deletes what nothing refers to unless it is a dry run. */
export async function gcCommand(options: ClientOptions & { readonly dryRun: boolean }, terminal: Terminal): Promise<number> {
  if (options.dryRun) {
    const { items } = await withClient(options, (client) => client.storage({}), 'look');
    return said(terminal, renderStorage(items), { items });
  }
  const { items, deleted, bytes: freed } = await withClient(options, (client) => client.collectGarbage({}), 'look');
  return said(terminal, [...renderStorage(items), `deleted ${plural(deleted, 'item')}, ${bytes(freed)}`], { items, deleted, bytes: freed });
}
