/** The hub, as far as there is a network: asks again what may be asked again, and says when to give up. */

import type { Fields } from './json.js';
import type { Tokens } from './tokens.js';

const ANSWER = 'application/graphql-response+json';
/** For each byte of a body, beside the time that an answer may take: as the hub waits for it. */
const BYTE_SECONDS = 20e-6;
/** Seconds that are waited where the hub asks for it; a minute's budget is back by then. */
const LONGEST = 120;
/** Beside 500 and above. */
const MAYBE_LATER = new Set([408, 429]);

export interface Fault {
  message: string;
  path?: (string | number)[];
  extensions: { code: string; conflict?: { stored: Fields; asked: Fields } };
}

export interface Answer {
  data: Record<string, unknown>;
  errors: Fault[];
}

/** Nobody answered, after all tries: later, the same again. */
export class Away extends Error {
  /** `wait`: seconds, where the hub asked for more than are waited here. */
  constructor(readonly wait: number | null = null) {
    super();
  }
}

/** The hub answered, and did nothing of what was asked. `code`: of the first error. */
export class Refused extends Error {
  readonly code: string;

  constructor(
    readonly status: number,
    readonly errors: readonly Fault[],
  ) {
    super(errors[0]?.message ?? `The hub answered ${status}.`);
    this.code = errors[0]?.extensions.code ?? `HTTP_${status}`;
  }
}

/** No answer, or one that says that there may be another later. `wait`: seconds, where it says so. */
class Lost extends Error {
  constructor(readonly wait: number | null = null) {
    super();
  }
}

export interface Patience {
  tries: number;
  /** Seconds to wait after a first try, and at most; a random part of it is waited. */
  first: number;
  most: number;
  /** Seconds an answer may take, once the body has arrived. */
  timeout: number;
}

const PATIENCE: Patience = { tries: 8, first: 0.5, most: 30, timeout: 30 };

export class Hub {
  readonly patience: Patience;

  /** `documents`: id of each trusted document by its name. `purpose`: what requests are for. */
  constructor(
    readonly tokens: Tokens,
    readonly documents: Readonly<Record<string, string>>,
    patience: Partial<Patience> = {},
    readonly purpose: string | null = null,
  ) {
    this.patience = { ...PATIENCE, ...patience };
  }

  /** `data`, which is there, and `errors` of parts of it; Refused, Away. */
  ask(document: string, variables: Record<string, unknown>): Promise<Answer> {
    const body = JSON.stringify({ documentId: this.documents[document], variables });
    return this.#patiently(() => this.#asked(body));
  }

  /** A token, before anything is asked with it; Refused, Away. */
  async signIn(): Promise<void> {
    await this.#patiently(() => this.#token());
  }

  /** `least`: seconds that were asked for; without, a random part of what doubles with each try. */
  async wait(tried: number, least: number | null = null): Promise<void> {
    const { first, most } = this.patience;
    const doubled = Math.min(most, first * 2 ** tried);
    const seconds = least === null ? Math.random() * doubled : least + Math.random() * first;
    await new Promise((done) => setTimeout(done, seconds * 1000));
  }

  async #patiently<T>(attempt: () => Promise<T>): Promise<T> {
    for (let tried = 0; tried < this.patience.tries; tried++) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof Lost)) throw error;
        if (error.wait !== null && error.wait > LONGEST) throw new Away(error.wait);
        await this.wait(tried, error.wait);
      }
    }
    throw new Away();
  }

  async #asked(body: string): Promise<Answer> {
    let answer = await this.#posted(body);
    if (answer.status === 401) {
      this.tokens.forget(); // the token may have ended before its time
      answer = await this.#posted(body);
    }
    const said = await saidBy(answer);
    const errors = (said['errors'] ?? []) as Fault[];
    if (said['data']) return { data: said['data'] as Record<string, unknown>, errors };
    if (errors.length === 0) throw new Lost();
    throw new Refused(answer.status, errors);
  }

  async #posted(body: string): Promise<Response> {
    const headers = {
      accept: ANSWER,
      authorization: `Bearer ${await this.#token()}`,
      'content-type': 'application/json',
      ...(this.purpose === null ? {} : { 'hub-purpose': this.purpose }),
    };
    return this.#post(`${this.tokens.issuer}/graphql`, body, headers);
  }

  async #token(): Promise<string> {
    if (this.tokens.held !== null) return this.tokens.held;
    let answer = await this.#post(this.tokens.address, await this.tokens.form());
    if (answer.status >= 400 && answer.status < 500 && this.tokens.corrects(answer.headers.get('date'))) {
      answer = await this.#post(this.tokens.address, await this.tokens.form());
    }
    const said = await saidBy(answer);
    if (!('access_token' in said)) {
      const message = `The hub gave no token: ${String(said['error'] ?? answer.status)}.`;
      throw new Refused(401, [{ message, extensions: { code: 'HTTP_401' } }]);
    }
    return this.tokens.take(said as { access_token: string; expires_in: number });
  }

  async #post(url: string, body: string | URLSearchParams, headers: Record<string, string> = {}): Promise<Response> {
    const bytes = new TextEncoder().encode(body.toString()).length;
    const signal = AbortSignal.timeout(Math.ceil((this.patience.timeout + BYTE_SECONDS * bytes) * 1000));
    try {
      return await fetch(url, { method: 'POST', body, headers, signal, redirect: 'error' });
    } catch {
      throw new Lost();
    }
  }
}

/** The body, an object; Lost where it is not the hub's, or says that it may be later. */
async function saidBy(answer: Response): Promise<Record<string, unknown>> {
  if (MAYBE_LATER.has(answer.status) || answer.status >= 500) {
    const wait = answer.headers.get('retry-after') ?? '';
    throw new Lost(/^\d+$/.test(wait) ? Number(wait) : null);
  }
  if (answer.status === 413) throw new Refused(answer.status, []); // a proxy may say so as well
  let said: unknown;
  try {
    said = await answer.json();
  } catch {
    throw new Lost(); // half an answer, or somebody else's
  }
  if (typeof said !== 'object' || said === null || Array.isArray(said)) throw new Lost();
  return said as Record<string, unknown>;
}
