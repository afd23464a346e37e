import { checksumOf } from '../../src/base/bytes.ts';
import { limits } from '../../src/base/limits.ts';
import type { RecordFields } from '../../src/cloud/index.ts';
import { graphDigest } from '../../src/graph/graph-digest.ts';
import type { Acknowledgement, EnumeratorAcknowledgement } from '../../src/protocol/acknowledgement.ts';
import { assembleManifest } from '../../src/protocol/assemble-manifest.ts';
import type { BatchBound, CheckpointRef, RunLevelCommand, SlotReply } from '../../src/protocol/command.ts';
import { defaultRestartStrategy, type JobDescription } from '../../src/protocol/job-description.ts';
import type { Manifest } from '../../src/protocol/manifest.ts';
import { encodeManifest } from '../../src/protocol/manifest-codec.ts';
import { objectUris, recordKeys } from '../../src/protocol/names.ts';
import { SlotRuntime } from '../../src/runtime/slot-runtime.ts';
import { type BuiltJob, buildJob } from '../../src/stream/build-job.ts';
import type { JobDefinition } from '../../src/stream/define-job.ts';
import { decodeCollected } from '../../src/testing/collect-sink.ts';
import type { FreezePolicy } from '../../src/values/freeze-sample.ts';
import { type MemoryCloud, memoryCloud } from './memory-cloud.ts';

export interface DriveOptions {
  /** Default `all`. */
  readonly freeze?: FreezePolicy;
  readonly parallelism?: number;
  readonly slots?: number;
  readonly batch?: BatchBound;
  readonly checkpointIntervalMs?: number;
}

export type Replies = readonly SlotReply[];

const jobId = '0123456789abcdef0123456789abcdef';
const stateRoot = 's3://bucket/weir';

/** What a coordinator does, by hand: a test says when which slot runs what, and may put another environment in a slot's place. */
export class Drive {
  readonly cloud: MemoryCloud = memoryCloud();
  readonly job: BuiltJob;
  readonly slots: number;
  slotRuntimes: SlotRuntime[];
  parent: CheckpointRef = { checkpoint: 0, attempt: 0 };
  attempt = 0;
  stamp = 0;
  /** Of completed checkpoints. */
  readonly manifests: Manifest[] = [];
  readonly output: unknown[] = [];
  /** Of the latest completed checkpoint, in the order of vertices and subtasks. */
  acknowledgements: readonly Acknowledgement[] = [];
  readonly #options: DriveOptions;
  #parentStamp = 0;

  constructor(definition: JobDefinition, options: DriveOptions = {}) {
    this.#options = options;
    const parallelism = options.parallelism ?? 1;
    this.job = buildJob(definition, {}, { parallelism });
    this.slots = options.slots ?? 1;
    this.slotRuntimes = Array.from({ length: this.slots }, () => this.environment());
  }

  /** Call once, before anything runs. */
  async submit(): Promise<this> {
    const description: JobDescription = {
      jobId,
      name: this.job.jobGraph.jobName,
      program: { programId: 'p', slotFunctions: [], coordinatorFunction: '', jobWorkflow: '', checkpointWorkflow: '' },
      args: {},
      parallelism: this.#options.parallelism ?? 1,
      slots: this.slots,
      stateRoot,
      checkpointIntervalMs: this.#options.checkpointIntervalMs ?? 1_000,
      restartStrategy: defaultRestartStrategy,
      stateBackend: 'dynamodb',
      segmentInlineBytes: 4096,
      graph: this.job.jobGraph,
      graphDigest: graphDigest(this.job.jobGraph),
      submittedAt: 1,
    };
    await this.cloud.records.put(recordKeys.jobDescription(jobId), description as unknown as RecordFields, { kind: 'absent' });
    return this;
  }

  /** A cold one. */
  environment(): SlotRuntime {
    return new SlotRuntime(this.cloud, () => this.job, { freeze: this.#options.freeze ?? 'all' });
  }

  get levels(): readonly number[] {
    return Array.from({ length: this.job.jobGraph.levels }, (_, level) => level);
  }

  /** Begins the next attempt, and runs its enumerators. */
  async inject(stampBy = 1_000): Promise<void> {
    this.attempt++;
    this.stamp += stampBy;
    if (this.parent.checkpoint > 0) return;
    for (const vertex of this.job.jobGraph.vertices) {
      const body = this.job.bodies[vertex.operators[0]!.node]!;
      if (body.kind !== 'source') continue;
      const { objects, clock } = this.cloud;
      const found = await body.source.enumerate(undefined, { objects, clock, processingTime: this.stamp, parallelism: vertex.parallelism });
      const said: EnumeratorAcknowledgement = {
        vertexId: vertex.vertexId,
        checkpoint: 1,
        attempt: this.attempt,
        nonce: 'n',
        state: found.state,
        assignments: found.assignments,
        done: found.done,
      };
      await this.cloud.records.put(
        recordKeys.acknowledgement(this.name, { vertexId: vertex.vertexId, subtask: -1 }),
        said as unknown as RecordFields,
        { kind: 'absent' },
      );
    }
  }

  get name() {
    return { jobId, checkpoint: this.parent.checkpoint + 1, attempt: this.attempt };
  }

  command(slot: number, level: number, change: Partial<RunLevelCommand> = {}): RunLevelCommand {
    return {
      command: 'run',
      ...this.name,
      generation: 1,
      slot,
      slots: this.slots,
      level,
      parent: this.parent,
      stamp: this.stamp,
      parentStamp: this.#parentStamp,
      batch: this.#options.batch ?? { records: 10, bytes: 1_000_000 },
      assigned: this.#sources(),
      storeHandover: false,
      deadlineMs: 60_000,
      failureBytesMax: limits.failureTextBytesMax,
      ...change,
    };
  }

  async level(level: number, change: Partial<RunLevelCommand> = {}): Promise<Replies> {
    return await Promise.all(this.slotRuntimes.map((runtime, slot) => runtime.handle(this.command(slot, level, change))));
  }

  async prepare(slot: number): Promise<SlotReply> {
    return await this.slotRuntimes[slot]!.handle({
      command: 'prepare',
      jobId,
      generation: 1,
      slot,
      slots: this.slots,
      parent: this.parent,
      deadlineMs: 60_000,
      failureBytesMax: limits.failureTextBytesMax,
    });
  }

  /** One epoch that must succeed. */
  async epoch(change: Partial<RunLevelCommand> = {}): Promise<void> {
    await this.inject();
    for (const level of this.levels) {
      const replies = await this.level(level, change);
      const bad = replies.find((reply) => reply.kind !== 'acknowledged');
      if (bad !== undefined) throw new Error(`Level ${level}: ${JSON.stringify(bad)}`);
    }
    await this.complete();
  }

  /** Makes the attempt the latest completed checkpoint, and its output visible. */
  async complete(): Promise<void> {
    const { vertices } = this.job.jobGraph;
    const subtasks = new Map<string, readonly Acknowledgement[]>();
    for (const vertex of vertices) {
      const keys = Array.from({ length: vertex.parallelism }, (_, subtask) =>
        recordKeys.acknowledgement(this.name, { vertexId: vertex.vertexId, subtask }),
      );
      const found = await this.cloud.records.getMany(keys);
      subtasks.set(
        vertex.vertexId,
        found.map((record) => record!.fields as unknown as Acknowledgement),
      );
    }
    const { jobName } = this.job.jobGraph;
    const { checkpoint, attempt } = this.name;
    const assembled = assembleManifest({
      jobId,
      jobName,
      graph: this.job.jobGraph,
      checkpoint,
      attempt,
      stamp: this.stamp,
      enumerated: [],
      acknowledgements: { subtasks, enumerators: new Map() },
      parent: this.manifests.at(-1),
    });
    if (assembled.kind !== 'whole') throw new Error(JSON.stringify(assembled));
    const { bytes, checksum } = encodeManifest(assembled.manifest);
    if (checksumOf(bytes) !== checksum) throw new Error('checksum');
    const uri = objectUris.manifest(stateRoot, this.name, checksum);
    await this.cloud.objects.put(uri, bytes);
    this.parent = { checkpoint, attempt, manifest: { uri, checksum } };
    this.#parentStamp = this.stamp;
    this.manifests.push(assembled.manifest);
    this.acknowledgements = [...subtasks.values()].flat();
    for (const { committables } of this.acknowledgements) {
      for (const { items } of committables)
        for (const item of items) this.output.push(...decodeCollected(this.cloud.stored.get((item as { staged: string }).staged)!));
    }
  }

  get ended(): boolean {
    return this.acknowledgements.length > 0 && this.acknowledgements.every(({ endOfInput }) => endOfInput);
  }

  async untilEnd(beforeEach: (epoch: number) => Promise<void> | void = () => undefined): Promise<readonly unknown[]> {
    for (let epoch = 1; !this.ended; epoch++) {
      if (epoch > 1_000) throw new Error('The job does not end.');
      await beforeEach(epoch);
      await this.epoch();
    }
    return this.output;
  }

  /** The enumerators run in the first epoch only. */
  #sources(): readonly string[] {
    if (this.parent.checkpoint > 0) return [];
    return this.job.jobGraph.vertices.filter((vertex) => vertex.operators[0]!.kind === 'source').map((vertex) => vertex.vertexId);
  }
}

/** What an acknowledgement says, without what may differ between two calls that did the same. */
export function contentOf({ nonce: _nonce, segment, output, committables, counts, ...rest }: Acknowledgement): unknown {
  return {
    ...rest,
    wrote: segment !== undefined,
    slices: output?.slices,
    outputChecksum: output?.checksum,
    committed: committables.map(({ operatorId, items }) => [operatorId, items.length]),
    counts: { ...counts, durationMs: 0, segmentBytes: 0, stateBytes: 0 },
  };
}
