import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../src/base/clock.ts';
import { WeirError } from '../src/base/errors.ts';

export interface TokenSecretOptions {
  /** The secret as it is now. */
  readonly read: () => Promise<string>;
  readonly clock: Clock;
}

/** So long a token that was changed goes on being let in by this function. */
const keptMs = 5 * 60_000;
/** A wrong token makes it look whether the secret was changed, but not more often than this. */
const lookMs = 5_000;
const charactersMin = 16;

/** Knows the token of the control API by its digest, and notices when it is changed. */
export class TokenSecret {
  readonly #options: TokenSecretOptions;
  #known: { readonly digest: Buffer; readonly at: number } | undefined;

  constructor(options: TokenSecretOptions) {
    this.#options = options;
  }

  /** Takes as long for a token that is nearly right as for one that is not at all. Throws NOT_CONFIGURED, and what reading throws. */
  async matches(token: string): Promise<boolean> {
    const digest = digestOf(token);
    if (timingSafeEqual(digest, await this.#digest(keptMs))) return true;
    return timingSafeEqual(digest, await this.#digest(lookMs));
  }

  /** Not older than this. */
  async #digest(ageMsMax: number): Promise<Buffer> {
    const { read, clock } = this.#options;
    const now = clock.now();
    if (this.#known === undefined || now - this.#known.at >= ageMsMax) {
      const secret = (await read()).trim();
      if (secret.length < charactersMin) throw tooShort(secret.length);
      this.#known = { digest: digestOf(secret), at: now };
    }
    return this.#known.digest;
  }
}

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

const tooShort = (found: number): WeirError =>
  new WeirError({
    code: 'NOT_CONFIGURED',
    domain: 'user',
    message: `The secret with the token of the control API should have at least ${charactersMin} characters, but has ${found}.`,
    advice: 'Put a long random text into it, as the control plane does by itself.',
  });
