import { WeirError } from '../base/errors.ts';
import { type Cloud, fieldsOf } from '../cloud/index.ts';
import { DeploymentService } from '../deployment/deployment-service.ts';
import type { ProgramPublisher } from '../deployment/program-publisher.ts';
import { ScheduledSavepoints } from '../deployment/scheduled-savepoints.ts';
import { checkAllowed } from '../job/allowed-places.ts';
import { CheckpointService } from '../job/checkpoint-service.ts';
import { DisposalService } from '../job/disposal-service.ts';
import { JobService, type JobView } from '../job/job-service.ts';
import { locationUri } from '../job/location-uri.ts';
import { RequestService } from '../job/request-service.ts';
import { ResultService } from '../job/result-service.ts';
import type { ProgramRecord } from '../protocol/job-description.ts';
import { recordKeys } from '../protocol/names.ts';

export type { ProgramRecord } from '../protocol/job-description.ts';

export interface DeployRequest {
  /** Absolute path on the machine that serves the API. */
  readonly jobFile: string;
  /** Absolute; relative paths in the job's arguments start there. */
  readonly workingDirectory: string;
  readonly name: string;
  /** The program's jobs are to need the lease of this deployment. */
  readonly deployment?: string;
}

export interface ControlServiceOptions {
  /** Where checkpoints go, e.g. `s3://bucket/weir`; no slash at the end. */
  readonly stateRoot: string;
  /** What replies call this software. */
  readonly version: string;
  /** Tells servers apart that took over each other's address. */
  readonly instance?: string;
  /** Where savepoints go that name no directory, whose jobs name none: a URI, or a path of this machine if `local`. */
  readonly savepointDirectory?: string;
  /** URIs below which requests may name places, beside the state root and the directory of savepoints. With `local`, any may be named. */
  readonly allowedPrefixes?: readonly string[];
  /** Clients, functions and this service see one disk: paths of it may be named. Default false. */
  readonly local?: boolean;
  /** How a job file becomes a program, where that is possible without a deployment of the stack. */
  readonly deploy?: (request: DeployRequest) => Promise<ProgramRecord>;
  /** Publishes programs of deployments, where `deploy` makes them. */
  readonly publisher?: ProgramPublisher;
}

/** What the routes stand on. */
export class ControlService {
  readonly cloud: Cloud;
  readonly jobs: JobService;
  readonly requests: RequestService;
  readonly disposals: DisposalService;
  readonly results: ResultService;
  readonly checkpoints: CheckpointService;
  /** Where deployments are made without a stack. */
  readonly deployments: DeploymentService | undefined;
  readonly scheduled: ScheduledSavepoints;
  readonly version: string;
  readonly stateRoot: string;
  readonly instance: string | undefined;
  readonly #local: boolean;
  readonly #allowedPrefixes: readonly string[];
  readonly #deploy: ControlServiceOptions['deploy'];

  constructor(cloud: Cloud, options: ControlServiceOptions) {
    this.cloud = cloud;
    this.jobs = new JobService(cloud, { stateRoot: options.stateRoot });
    const { savepointDirectory, local = false } = options;
    this.requests = new RequestService(cloud, { local, ...(savepointDirectory === undefined ? {} : { savepointDirectory }) });
    this.disposals = new DisposalService(cloud);
    this.results = new ResultService(cloud);
    this.checkpoints = new CheckpointService(cloud);
    const places = { local, ...(savepointDirectory === undefined ? {} : { savepointDirectory }) };
    const { publisher, stateRoot } = options;
    this.deployments = publisher === undefined ? undefined : new DeploymentService(cloud, { ...places, publisher, stateRoot });
    this.scheduled = new ScheduledSavepoints(cloud, places);
    this.version = options.version;
    this.stateRoot = options.stateRoot;
    this.instance = options.instance;
    this.#local = local;
    this.#allowedPrefixes = [
      ...new Set([
        options.stateRoot,
        ...(savepointDirectory === undefined ? [] : [savepointDirectory]),
        ...(options.allowedPrefixes ?? []),
      ]),
    ];
    this.#deploy = options.deploy;
  }

  deploy(request: DeployRequest): Promise<ProgramRecord> {
    if (this.#deploy !== undefined) return this.#deploy(request);
    throw new WeirError({
      code: 'UNSUPPORTED',
      domain: 'user',
      message: 'This control API does not deploy programs.',
      advice: 'Deploy the stack of the program with cdk deploy.',
    });
  }

  now(): number {
    return this.cloud.clock.now();
  }

  /**
   * A place that a request names, such as a savepoint's: paths of this machine are turned into URIs where they may be named.
   * Throws PATH_NOT_ALLOWED for one that is not below the allowed prefixes.
   */
  location(given: string): string {
    if (!this.#local) checkAllowed(given, this.#allowedPrefixes);
    return locationUri(given, { local: this.#local });
  }

  /** Throws JOB_NOT_FOUND. */
  async job(jobId: string): Promise<JobView> {
    const view = await this.jobs.get(jobId);
    if (view !== undefined) return view;
    throw new WeirError({
      code: 'JOB_NOT_FOUND',
      domain: 'user',
      message: `Job ${jobId} not found.`,
      advice: '`weir list -a` shows the jobs that are known here.',
      subject: { jobId },
    });
  }

  /** All deployed programs, by id. */
  async programs(): Promise<readonly ProgramRecord[]> {
    const stored: unknown = await fieldsOf(this.cloud.records, recordKeys.program('').partition);
    return (stored as readonly ProgramRecord[]).filter(({ retired }) => retired !== true);
  }
}
