/** What a room may import besides itself and `base`. What those may import is spelled out, so that a reader sees it all. */
export interface RoomRule {
  readonly imports: readonly string[];
  /** Rooms of which only types may be imported. */
  readonly types?: readonly string[];
  /** Single files outside of the rooms. */
  readonly files?: readonly string[];
}

const graph = ['values', 'graph'];
const stream = [...graph, 'stream'];
const protocol = [...graph, 'cloud', 'protocol'];
const savepoint = [...protocol, 'state', 'savepoint'];
const checkpoint = [...protocol, 'stream', 'state', 'savepoint', 'exchange', 'checkpoint'];
const job = [...checkpoint, ...savepoint, 'job'];
const deployment = [...job, 'deployment'];

export const importTable: Readonly<Record<string, RoomRule>> = {
  base: { imports: [] },
  values: { imports: [] },
  cloud: { imports: [] },
  graph: { imports: ['values'] },
  stream: { imports: graph, types: ['cloud'] },
  protocol: { imports: [...graph, 'cloud'] },
  state: { imports: protocol, types: ['stream'] },
  exchange: { imports: ['values', 'graph', 'protocol', 'cloud'] },
  runtime: { imports: [...protocol, 'stream', 'state', 'exchange'] },
  savepoint: { imports: savepoint },
  checkpoint: { imports: checkpoint },
  job: { imports: [...checkpoint, ...savepoint] },
  deployment: { imports: job },
  program: { imports: stream, types: ['cloud'] },
  connectors: { imports: [...stream, 'cloud'] },
  'control-api': { imports: deployment },
  cli: { imports: [...deployment, 'control-api', 'program', 'local-cloud'], files: ['functions/entries.ts'] },
  'local-cloud': { imports: [] },
};

/** Single files of `testing` that are held to less than their room, which may import any. */
export const fileTable: readonly { readonly pattern: RegExp; readonly rule: RoomRule }[] = [
  { pattern: /^src\/testing\/reference[^/]*\.ts$/, rule: { imports: stream, types: ['cloud'] } },
];
