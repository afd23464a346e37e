import { rmSync } from 'node:fs';
import { join } from 'node:path';
import aslValidator from 'asl-validator';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { stateMachineArn } from './arns.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { ServiceFault } from './service-fault.ts';
import { type StateMachineHooks, StateMachineInterpreter } from './state-machine.ts';
import { readJsonFolder, writeJson } from './stored-json.ts';

export interface StateMachineRecord {
  readonly name: string;
  readonly stateMachineArn: string;
  readonly type: 'STANDARD' | 'EXPRESS';
  /** The States Language, as text. */
  readonly definition: string;
  readonly roleArn: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface CreateStateMachine {
  readonly name: string;
  readonly definition: string;
  readonly type?: string;
  readonly roleArn?: string;
}

/** The definitions of workflows, kept in a folder if there is one. */
export class WorkflowMachines {
  readonly #folder: string | undefined;
  readonly #clock: Clock;
  readonly #hooks: StateMachineHooks;
  readonly #records = new Map<string, StateMachineRecord>();
  readonly #interpreters = new Map<string, StateMachineInterpreter>();

  constructor(folder: string | undefined, hooks: StateMachineHooks) {
    this.#folder = folder;
    this.#clock = hooks.clock;
    this.#hooks = hooks;
    if (folder === undefined) return;
    for (const record of readJsonFolder(folder) as readonly StateMachineRecord[]) this.#records.set(record.stateMachineArn, record);
  }

  /** Creating the same again is success; another under its name is not. */
  create({ name, definition, type = 'STANDARD', roleArn = '' }: CreateStateMachine): StateMachineRecord {
    if (typeof name !== 'string' || !/^[A-Za-z0-9_-]{1,80}$/.test(name))
      throw new ServiceFault('InvalidName', `Invalid Name: '${String(name)}'`);
    if (type !== 'STANDARD' && type !== 'EXPRESS') throw new ServiceFault('ValidationException', `Invalid type: '${type}'`);
    const arn = stateMachineArn(name);
    const former = this.#records.get(arn);
    if (former !== undefined) {
      if (former.definition === definition && former.type === type) return former;
      throw new ServiceFault('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);
    }
    const interpreter = new StateMachineInterpreter(checkedDefinition(definition), this.#hooks);
    const record: StateMachineRecord = { name, stateMachineArn: arn, type, definition, roleArn, createdAt: this.#clock.now() };
    if (this.#folder !== undefined) writeJson(join(this.#folder, `${name}.json`), record);
    this.#records.set(arn, record);
    this.#interpreters.set(arn, interpreter);
    return record;
  }

  /** Deleting what is not there is success. */
  delete(arn: string): void {
    const record = this.#records.get(arn);
    if (record !== undefined && this.#folder !== undefined) rmSync(join(this.#folder, `${record.name}.json`), { force: true });
    this.#records.delete(arn);
    this.#interpreters.delete(arn);
  }

  get(arn: string): StateMachineRecord {
    const record = this.#records.get(arn);
    if (record === undefined) throw new ServiceFault('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    return record;
  }

  list(): readonly StateMachineRecord[] {
    return [...this.#records.values()];
  }

  interpreter(record: StateMachineRecord): StateMachineInterpreter {
    const known = this.#interpreters.get(record.stateMachineArn);
    if (known !== undefined) return known;
    const made = new StateMachineInterpreter(JSON.parse(record.definition) as JsonObject, this.#hooks);
    this.#interpreters.set(record.stateMachineArn, made);
    return made;
  }
}

function checkedDefinition(text: string): JsonObject {
  try {
    const definition: unknown = JSON.parse(text);
    if (!isJsonObject(definition)) throw new Error('The definition must be a JSON object.');
    const { isValid, errorsText } = aslValidator(JSON.parse(text) as object, { checkArn: true, checkPaths: true });
    if (!isValid) throw new Error(errorsText('\n'));
    return definition;
  } catch (thrown) {
    throw new ServiceFault('InvalidDefinition', `Invalid State Machine Definition: ${messageOf(thrown)}`);
  }
}
