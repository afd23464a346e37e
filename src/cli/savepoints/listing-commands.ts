import type { OperationRow, SnapshotRow } from '../../control-api/snapshot-views.ts';
import type { Terminal } from '../terminal.ts';
import { bytes, plural } from '../units.ts';
import { type ClientOptions, said, withClient } from './savepoint-command.ts';

/** `weir savepoint list`: the newest last. */
export async function savepointListCommand(
  options: ClientOptions & { readonly jobId: string | undefined; readonly all: boolean },
  terminal: Terminal,
): Promise<number> {
  const { jobId, all } = options;
  const { snapshots } = await withClient(options, (client) => client.snapshots({}, {}, jobId === undefined ? {} : { job: jobId }), 'look');
  const shown = snapshots.filter(({ state }) => all || state === 'live').toSorted((a, b) => a.createdAt - b.createdAt);
  return said(terminal, shown.length === 0 ? ['No savepoints.'] : shown.map(snapshotLine), { snapshots: shown });
}

/** `weir checkpoint list`: what of a job can be restored, the newest last. */
export async function checkpointListCommand(options: ClientOptions & { readonly jobId: string }, terminal: Terminal): Promise<number> {
  const { jobId } = options;
  const { snapshots, latest } = await withClient(options, (client) => client.jobSnapshots({ jobid: jobId }), 'look');
  const kept = snapshots.filter(({ kind, state }) => kind === 'checkpoint' && state === 'live');
  const running =
    latest === null ? [] : [`Checkpoint ${latest} is the latest of a job that is not ended: it can be restored once the job has ended.`];
  const lines = [...kept.map(snapshotLine), ...running];
  return said(terminal, lines.length === 0 ? ['No retained checkpoints.'] : lines, { checkpoints: kept, latest });
}

/** `weir operations`: what was asked of a job and what came of it. */
export async function operationsCommand(
  options: ClientOptions & { readonly jobId: string; readonly operationId: string | undefined },
  terminal: Terminal,
): Promise<number> {
  const { jobId, operationId } = options;
  const { operations } = await withClient(options, (client) => client.jobOperations({ jobid: jobId }), 'look');
  const shown = operations
    .filter(({ id }) => operationId === undefined || id === operationId)
    .toSorted((a, b) => a.createdAt - b.createdAt);
  return said(terminal, shown.length === 0 ? ['No operations.'] : shown.map(operationLine), { operations: shown });
}

function snapshotLine(row: SnapshotRow): string {
  const size = `${plural(row.stateEntries, 'entry', 'entries')}, ${bytes(row.stateBytes)}`;
  const marks = [
    row.kind === 'savepoint' ? row.format : 'retained checkpoint',
    row.drained ? 'drained' : undefined,
    row.state === 'live' ? undefined : row.state,
  ];
  const claimed = row.claims.length === 0 ? '' : `, claimed by ${row.claims.map(({ jobId }) => jobId).join(', ')}`;
  return `${new Date(row.createdAt).toISOString()}  ${row.path}  ${row.jobName} checkpoint ${row.checkpoint}, ${size}, ${marks.filter((mark) => mark !== undefined).join(', ')}${claimed}`;
}

function operationLine(row: OperationRow): string {
  const result = row.path ?? (row.checkpoint === undefined ? row.message : `checkpoint ${row.checkpoint}`);
  return `${new Date(row.createdAt).toISOString()}  ${row.id}  ${row.kind} ${row.state}${result === undefined ? '' : `: ${result}`}`;
}
