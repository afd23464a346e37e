import { assert } from '../base/assert.ts';
import type { Json } from '../cloud/index.ts';
import type { CancelReply, TriggerRequest } from '../job/request-service.ts';
import { isTerminal, type JobRecord } from '../protocol/job-record.ts';
import { recordKeys } from '../protocol/names.ts';
import type { OperationResult } from '../protocol/operation.ts';
import type { SnapshotFormat } from '../protocol/request.ts';
import { type Caller, outside } from './port-calls.ts';
import type { SimulatedCloud } from './simulated-cloud.ts';
import { type ControlCall, type ControlReply, controlFunction } from './simulated-deployment.ts';

/** Something that is asked of the job from outside while it runs. */
export interface SimulatedRequest {
  /** `cancelNow` is the plain cancel, without a savepoint; the others are as in the control API. */
  readonly kind: TriggerRequest['kind'] | 'cancelNow';
  /** Once this checkpoint is completed, or the job has ended. Default 0: as soon as there is a job record. */
  readonly afterCheckpoint?: number;
  /** So many virtual milliseconds after that. Default 0. */
  readonly delayMs?: number;
  /** So many ask for the same at once, each with an operation of its own. Default 1. */
  readonly callers?: number;
  readonly directory?: string;
  readonly format?: SnapshotFormat;
  readonly drain?: boolean;
}

/** What one caller was told in the end. */
export type RequestAnswer =
  | { readonly kind: 'completed'; readonly id: string; readonly result: OperationResult }
  /** Of `cancelNow`. */
  | { readonly kind: 'cancel'; readonly reply: CancelReply }
  /** Nothing was asked of the job. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

const retryMs = 700;
const pollMs = 400;

/** Makes the requests, each when it is due, and gives what every caller was told: in the order of the requests, by caller. */
export async function makeRequests(
  cloud: SimulatedCloud,
  jobId: string,
  requests: readonly SimulatedRequest[],
): Promise<readonly (readonly RequestAnswer[])[]> {
  return await Promise.all(
    requests.map(async (request, index) => {
      await whenDue(cloud, jobId, request.afterCheckpoint ?? 0);
      await cloud.clock.sleep(request.delayMs ?? 0);
      const callers = Array.from({ length: request.callers ?? 1 }, (_, caller) => ({ ...outside, name: `client-${index}.${caller}` }));
      return await Promise.all(callers.map((caller) => ask(cloud, caller, jobId, request)));
    }),
  );
}

function whenDue(cloud: SimulatedCloud, jobId: string, checkpoint: number): Promise<void> {
  const job = recordKeys.job(jobId);
  const isDue = (record: JobRecord | undefined) =>
    record !== undefined && (record.latest.checkpoint >= checkpoint || isTerminal(record.status));
  return new Promise((resolve) => {
    cloud.records.observe({
      onRecord({ key, after }) {
        if (key.partition === job.partition && key.sort === job.sort && isDue(after?.fields as unknown as JobRecord | undefined)) resolve();
      },
    });
  });
}

/** As a client does that gives up never: a call that came to nothing is made again, under the same id. */
async function ask(cloud: SimulatedCloud, caller: Caller, jobId: string, request: SimulatedRequest): Promise<RequestAnswer> {
  const { afterCheckpoint: _after, delayMs: _delay, callers: _callers, kind, ...rest } = request;
  if (kind === 'cancelNow') {
    const said = await untilAnswered(cloud, caller, { call: 'cancel', jobId });
    assert(said.kind === 'cancel' || said.kind === 'refused', 'a cancellation is answered as one');
    return said;
  }
  const id = cloud.for().random.hex(16);
  const triggered = await untilAnswered(cloud, caller, { call: 'trigger', request: { ...rest, kind, jobId, id } });
  if (triggered.kind === 'refused') return triggered;
  for (;;) {
    const said = await untilAnswered(cloud, caller, { call: 'operation', jobId, id });
    if (said.kind === 'refused') return said;
    assert(said.kind === 'operation', 'a poll is answered with the operation');
    const { state } = said.operation;
    if (state.kind === 'completed') return { kind: 'completed', id, result: state.result };
    await cloud.clock.sleep(pollMs);
  }
}

async function untilAnswered(cloud: SimulatedCloud, caller: Caller, call: ControlCall): Promise<ControlReply> {
  for (;;) {
    try {
      return (await cloud.functions.invoke(caller, controlFunction, call as unknown as Json)) as unknown as ControlReply;
    } catch {
      await cloud.clock.sleep(retryMs);
    }
  }
}
