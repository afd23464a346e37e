import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ControlClient, controlClient } from '../../src/control-api/client.ts';
import { Workplace } from '../cli/weir-process.ts';
import { environmentPids, killed } from '../end-to-end/weir-process.ts';
import type { Said, TestDeployment } from './test-deployment.ts';

/** The local cloud in the background, asked like any other: over its control API. */
export class EmbeddedDeployment implements TestDeployment {
  readonly api: ControlClient;
  readonly root = 's3://weir';
  readonly #workplace: Workplace;

  private constructor(workplace: Workplace, url: string) {
    this.#workplace = workplace;
    this.api = controlClient(url);
  }

  static async start(): Promise<EmbeddedDeployment> {
    const workplace = new Workplace();
    const { code, stderr } = await workplace.weir('local', 'start', '-D', 'state.savepoints.dir=s3://weir/savepoints');
    if (code !== 0) throw new Error(stderr);
    const instance = JSON.parse(readFileSync(join(workplace.path('.weir'), 'local.json'), 'utf8')) as Instance;
    Object.assign(process.env, instance.environment, { WEIR_ENDPOINT: instance.url });
    return new EmbeddedDeployment(workplace, instance.url);
  }

  async program(jobFile: string): Promise<string> {
    const { programId } = await this.api.deployProgram({}, { jobFile, workingDirectory: this.#workplace.directory, name: 'counts' });
    return programId;
  }

  weir(...words: readonly string[]): Promise<Said> {
    return this.#workplace.weir(...words);
  }

  killSlots(): number {
    return environmentPids(this.#workplace.path('.weir')).filter((pid) => killed(pid)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#workplace[Symbol.asyncDispose]();
  }
}

interface Instance {
  readonly url: string;
  readonly environment: Readonly<Record<string, string>>;
}
