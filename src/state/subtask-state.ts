import { assert } from '../base/assert.ts';
import { WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { JobVertex } from '../graph/job-graph.ts';
import { keyGroupRangeOf } from '../graph/key-groups.ts';
import type { StateCount } from '../protocol/acknowledgement.ts';
import type { KeyGroupRange, NewSegment, SegmentRef } from '../protocol/segment-ref.ts';
import { type FreezePolicy, FreezeSample } from '../values/freeze-sample.ts';
import type { CopyName, EncodedSegment, LoadedSegment, OperatorState, SubtaskState, SubtaskStateOptions } from './api.ts';
import { Attempt } from './attempt.ts';
import { chooseCompaction } from './compaction.ts';
import { corrupt } from './corrupt.ts';
import { KeyCursor } from './key-cursor.ts';
import { KeyKinds } from './key-kinds.ts';
import { OperatorTables } from './operator-tables.ts';
import { OperatorValues, type ValuesByName } from './operator-values.ts';
import { type OpenSegment, openSegment } from './segment-format.ts';
import { advanceLog, emptyLog, type SegmentLog, unstored } from './segment-log.ts';
import { readKeyedSections, readOperatorSections, type StoredOperatorValues } from './segment-reader.ts';
import { baseOf } from './segment-table.ts';
import { type OperatorPart, writeSegment } from './segment-writer.ts';
import { StateCounter } from './state-counts.ts';
import { noSchemas } from './state-schema.ts';

/** What says by itself why state could not be loaded. */
const passedOn: readonly string[] = ['SEGMENT_CORRUPT', 'STATE_MIGRATION_FAILED'];

/** An empty copy: the state at checkpoint 0. */
export function createSubtaskState(options: SubtaskStateOptions): SubtaskState {
  return new StateCopy(options);
}

/** A copy made of all segments of a checkpoint. */
export function restoreSubtaskState(options: SubtaskStateOptions, segments: readonly LoadedSegment[], as: CopyName): SubtaskState {
  const state = new StateCopy(options);
  state.apply(segments, as);
  return state;
}

/** What is known after an attempt that has met its barrier, while its fate is not. */
interface Top {
  readonly name: CopyName;
  readonly log: SegmentLog;
  readonly operatorBytes: Uint8Array;
}

class StateCopy implements SubtaskState {
  readonly #vertex: JobVertex;
  readonly #subtask: number;
  readonly #softMax: number;
  readonly #foreignBytesMax: number;
  readonly #within: KeyGroupRange;
  readonly #attempt = new Attempt();
  readonly #operators: ReadonlyMap<string, OperatorTables>;
  readonly #operatorValues: OperatorValues;
  readonly #samples: FreezeSample[] = [];
  readonly #counter = new StateCounter();
  #parent: CopyName = { checkpoint: 0, attempt: 0 };
  #top: Top | undefined = undefined;
  #log = emptyLog;
  /** The parent's operator values as bytes: setting them to what they were is no change. */
  #operatorBytes: Uint8Array;
  /** The parent's operator values are what was dealt out in a restore, and stored nowhere as the subtask's own. */
  #dealt = false;
  #spoiled = false;

  constructor(options: SubtaskStateOptions) {
    const { vertex, subtask, freeze = 'none', segmentsSoftMax = limits.segmentsPerSubtaskSoftMax, schemas = noSchemas } = options;
    const { first, last } = keyGroupRangeOf(subtask, vertex.parallelism, vertex.maxParallelism);
    this.#vertex = vertex;
    this.#subtask = subtask;
    this.#softMax = segmentsSoftMax;
    this.#foreignBytesMax = options.foreignRewriteBytesMax ?? limits.foreignRewriteBytesMax;
    this.#within = [first, last];
    this.#operatorValues = new OperatorValues(this.#attempt, freeze === 'all');
    this.#operators = new Map(
      vertex.operators.map((operator) => {
        const name = operator.uid ?? operator.name;
        const context = {
          operator: name,
          firstKeyGroup: first,
          keyGroups: last - first + 1,
          maxParallelism: vertex.maxParallelism,
          freeze: this.#freezing(freeze),
          attempt: this.#attempt,
          cursor: new KeyCursor(vertex.maxParallelism),
          namespaced: false,
          keyKinds: new KeyKinds(name),
        };
        return [operator.operatorId, new OperatorTables(operator, context, this.#operatorValues, schemas)];
      }),
    );
    this.#operatorBytes = this.#operatorValues.encode(this.#vertex.operators);
  }

  get parent(): CopyName {
    return this.#parent;
  }

  get top(): CopyName | undefined {
    return this.#top?.name;
  }

  get segments(): number {
    return (this.#top?.log ?? this.#log).live.length;
  }

  get entries(): number {
    return this.#sum((table) => table.entries);
  }

  get bytes(): number {
    return this.#sum((table) => table.bytes) + (this.#top?.operatorBytes ?? this.#operatorBytes).byteLength;
  }

  operator(operatorId: string): OperatorState {
    const operator = this.#operators.get(operatorId);
    assert(operator !== undefined, `operator ${operatorId} is one of vertex ${this.#vertex.vertexId}`);
    return operator;
  }

  begin(stamp = 0): void {
    assert(!this.#spoiled, 'a copy of state that failed to load is not used');
    this.#attempt.turn('idle', 'working', 'begin');
    this.#attempt.stamp = stamp;
    for (const sample of this.#samples) sample.refill();
    const foreign = isForeign(this.#log);
    for (const operator of this.#operators.values()) operator.guardKeys(foreign);
  }

  counts(): readonly StateCount[] {
    return this.#counter.count(this.#vertex.operators, this.#operators, this.#operatorValues);
  }

  #freezing(policy: FreezePolicy): FreezeSample {
    const sample = new FreezeSample(policy);
    this.#samples.push(sample);
    return sample;
  }

  undo(): void {
    if (this.#attempt.phase === 'idle') return;
    for (const operator of this.#operators.values()) for (const table of operator.tables()) table.undo();
    this.#operatorValues.undo();
    this.#end('undo');
  }

  snapshot(of: CopyName): EncodedSegment | undefined {
    assert(this.#attempt.phase === 'working', `a snapshot comes after begin, but state is "${this.#attempt.phase}"`);
    assert(of.checkpoint > this.#parent.checkpoint, `checkpoint ${of.checkpoint} comes after ${this.#parent.checkpoint}`);
    const name = { checkpoint: of.checkpoint, attempt: of.attempt };
    const parts = this.#gather();
    const operatorBytes = this.#operatorValues.touched ? this.#operatorValues.encode(this.#vertex.operators) : this.#operatorBytes;
    const operatorState = this.#dealt || Buffer.compare(operatorBytes, this.#operatorBytes) !== 0;
    const changes = parts.reduce((sum, part) => sum + part.tables.reduce((within, table) => within + countOf(table.changes), 0), 0);
    const nothing = changes === 0 && !operatorState && !isForeign(this.#log);
    const segment = nothing ? undefined : this.#write(name, parts, changes, operatorState);
    const log = segment === undefined ? this.#log : advanceLog(this.#log, unstored(segment.encoded, of.checkpoint), segment.credit);
    this.#attempt.turn('working', 'top', 'a snapshot');
    this.#top = { name, log, operatorBytes };
    return segment?.encoded;
  }

  promote(): void {
    assert(this.#top !== undefined, 'what is promoted has met its barrier');
    for (const operator of this.#operators.values()) for (const table of operator.tables()) table.promote();
    this.#operatorValues.promote();
    this.#parent = this.#top.name;
    this.#log = this.#top.log;
    this.#operatorBytes = this.#top.operatorBytes;
    this.#dealt = false;
    this.#end('promote');
  }

  apply(segments: readonly LoadedSegment[], as: CopyName, dealt?: ReadonlyMap<string, ValuesByName>): void {
    assert(this.#attempt.phase === 'idle', `state is loaded while no attempt is at hand, but it is "${this.#attempt.phase}"`);
    assert(as.checkpoint >= this.#parent.checkpoint, `state is loaded forward, but from ${this.#parent.checkpoint} to ${as.checkpoint}`);
    assert(dealt === undefined || this.#parent.checkpoint === 0, 'values are dealt out to an empty copy');
    const opened = segments.map(({ ref, bytes }) => ({ ref, segment: this.#open(ref.checkpoint, bytes) }));
    this.#spoiled = true;
    try {
      for (const { ref, segment } of opened) {
        readKeyedSections(segment, ref, this.#within, this.#operators);
        if (ref.operatorState) this.#loadOperatorValues(readOperatorSections(segment));
        this.#log = advanceLog(this.#log, ...addedBy(ref, segment));
      }
      if (dealt !== undefined) {
        this.#operatorValues.load(dealt);
        this.#dealt = true;
      }
      this.#operatorBytes = this.#operatorValues.encode(this.#vertex.operators);
    } catch (error) {
      throw WeirError.is(error) && passedOn.includes(error.code) ? error : corrupt('its entries do not read', error);
    }
    this.#spoiled = false;
    this.#parent = as;
    for (const operator of this.#operators.values()) {
      operator.resetKey();
      operator.checkKinds();
    }
  }

  #loadOperatorValues(stored: ReadonlyMap<string, StoredOperatorValues>): void {
    this.#operatorValues.load(new Map([...stored].map(([operatorId, { values }]) => [operatorId, values])));
    this.#dealt = false;
  }

  #open(checkpoint: number, bytes: Uint8Array): OpenSegment {
    const segment = openSegment(bytes);
    const { table } = segment;
    if (table.checkpoint !== checkpoint) throw corrupt(`it is of checkpoint ${table.checkpoint} instead of ${checkpoint}`);
    if (table.maxParallelism === this.#vertex.maxParallelism) return segment;
    throw new WeirError({
      code: 'MAX_PARALLELISM_CHANGED',
      domain: 'user',
      message: `State of "${this.#vertex.name}" was written with max parallelism ${table.maxParallelism}, but the job has ${this.#vertex.maxParallelism}.`,
      advice: `Set max parallelism to ${table.maxParallelism}: it can't change while the state lives.`,
    });
  }

  #gather(): readonly OperatorPart[] {
    return this.#vertex.operators.map(({ operatorId }) => ({
      operatorId,
      tables: this.#operators
        .get(operatorId)!
        .tables()
        .map((table) => ({ table, changes: table.gather() })),
      values: this.#operatorValues.of(operatorId),
      versions: this.#operators.get(operatorId)!.versions,
    }));
  }

  #write(name: CopyName, operators: readonly OperatorPart[], changes: number, operatorState: boolean) {
    const tables = operators.flatMap((operator) => operator.tables.map(({ table }) => table));
    const { keyGroups: whole, credit } = chooseCompaction({
      live: this.#log.live,
      softMax: this.#softMax,
      within: this.#within,
      changes,
      entries: this.entries,
      credit: this.#log.credit,
      foreignEntriesMax: Math.floor(this.#foreignBytesMax / Math.max(1, this.bytes / Math.max(1, this.entries))),
      entriesIn: (keyGroup) => tables.reduce((sum, table) => sum + table.entriesIn(keyGroup), 0),
    });
    const { vertexId, maxParallelism } = this.#vertex;
    const head = { vertexId, subtask: this.#subtask, ...name, maxParallelism, compactionCredit: credit, operatorState };
    return { encoded: writeSegment({ head, operators, whole }), credit };
  }

  /** Ends the attempt at hand, whatever became of it. */
  #end(what: string): void {
    this.#top = undefined;
    this.#attempt.turn(this.#attempt.phase, 'idle', what);
    for (const operator of this.#operators.values()) operator.resetKey();
  }

  #sum(of: (table: ReturnType<OperatorTables['tables']>[number]) => number): number {
    let sum = 0;
    for (const operator of this.#operators.values()) for (const table of operator.tables()) sum += of(table);
    return sum;
  }
}

/** What a segment that was read adds to the log. Those of a restore are listed without what later ones covered. */
function addedBy(ref: SegmentRef, { table }: OpenSegment): [NewSegment, number] {
  return ref.operators === undefined ? [{ ...ref, base: baseOf(table) }, table.compactionCredit] : [{ ...ref, base: [] }, 0];
}

const isForeign = ({ live }: SegmentLog): boolean => live.some((ref) => ref.foreign === true);

function countOf(changes: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const count of changes.values()) sum += count;
  return sum;
}
