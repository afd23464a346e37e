import type { Buffer } from 'node:buffer';
import { JsonScalars, unread } from './json-scalars.ts';
import { type JsonTemplate, jsonTemplate } from './json-template.ts';
import { carriageReturn, newline } from './record-scanner.ts';

/** A template that misses more often than it fits costs more than it saves; of so few lines nothing is concluded. */
const missesMin = 100;

/** The fast way through a file of JSON lines: as long as lines look alike, they are read by a template. Only a cache. */
export class TemplatedLines {
  /** Behind the end of the line that was read last. */
  after = 0;
  /** That line itself: for messages. One function for all lines. */
  readonly text = (): string => this.#scalars?.bytes.toString('latin1', this.#from, this.after).trimEnd() ?? '';
  #from = 0;
  #template: JsonTemplate | undefined = undefined;
  #scalars: JsonScalars | undefined = undefined;
  #fits = 0;
  #misses = 0;

  /** The record of the line that begins at `from`, if the line looks as others did; else `unread`. `atFileEnd`: the file ends where the bytes do. */
  read(bytes: Buffer, from: number, atFileEnd: boolean): unknown {
    const template = this.#template;
    if (template === undefined) return unread;
    if (this.#scalars?.bytes !== bytes) this.#scalars = new JsonScalars(bytes);
    const scalars = this.#scalars;
    scalars.at = from;
    this.#from = from;
    const record = template.read(scalars);
    if (record !== unread && this.#ends(bytes, scalars.at, atFileEnd)) {
      this.#fits++;
      return record;
    }
    if (++this.#misses >= missesMin && this.#misses > this.#fits) this.#template = undefined;
    return unread;
  }

  /** A line that was read in another way, and what it holds. */
  learn(text: string, value: unknown): void {
    if (this.#template === undefined && this.#misses === 0) this.#template = jsonTemplate(text, value);
  }

  #ends(bytes: Buffer, at: number, atFileEnd: boolean): boolean {
    const end = bytes[at] === carriageReturn ? at + 1 : at;
    if (bytes[end] === newline) this.after = end + 1;
    else if (atFileEnd && at === bytes.byteLength) this.after = at;
    else return false;
    return true;
  }
}
