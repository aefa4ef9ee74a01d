/**
 * What a device holds: people and cursor, and the queue. It is about people: keep it encrypted.
 *
 * A device has little enough of it to hold it in memory; a `Log` keeps it. In a browser that is a transaction of
 * IndexedDB for each change, here a file (`file.ts`).
 */

import type { Fields } from './json.js';

export type State = 'WAITING' | 'DONE' | 'REFUSED' | 'CONFLICT';

/** One of the queue. */
export interface Entry {
  key: string;
  kind: string;
  /** What is asked, without the key. */
  item: Fields;
  /** The record as it was read, where one is changed. Neither is kept of what is DONE. */
  base: Fields | null;
  state: State;
  /** Milliseconds of the epoch when it was sent first. */
  sentAt: number | null;
  /** Of DONE the record, of REFUSED `{code, message}`, of CONFLICT `{base, stored, asked, fields}`. */
  outcome: Fields | null;
}

export interface Held {
  version: string;
  content: Fields;
}

/** What becomes of a store, as a whole or not at all. */
export interface Change {
  /** Without people and cursor, before anything else. */
  anew?: true;
  upserts?: Record<string, Held>;
  gone?: string[];
  cursor?: string;
  /** Known by their keys; new ones go behind all others. */
  entries?: Entry[];
  dropped?: string[];
}

export interface Log {
  /** All changes there are, in their order. */
  read(): Promise<Change[]>;
  /** In place of all there are: nothing of who is gone stays. */
  replace(change: Change): Promise<void>;
  /** It is kept, as a whole, when the promise is. */
  append(change: Change): Promise<void>;
}

/** For tests, and for who needs nothing tomorrow. */
export class Memory implements Log {
  read(): Promise<Change[]> {
    return Promise.resolve([]);
  }

  replace(): Promise<void> {
    return Promise.resolve();
  }

  append(): Promise<void> {
    return Promise.resolve();
  }
}

export class Store {
  #cursor: string | null = null;
  readonly #people = new Map<string, Held>();
  readonly #queue = new Map<string, Entry>();
  /** Of what is written, one after the other. */
  #turn: Promise<void> = Promise.resolve();

  private constructor(private readonly log: Log) {}

  static async open(log: Log): Promise<Store> {
    const store = new Store(log);
    for (const change of await log.read()) store.#apply(change);
    await store.tidy();
    return store;
  }

  get cursor(): string | null {
    return this.#cursor;
  }

  /** As the hub has sent them, in the order of their ids. */
  people(): Fields[] {
    return [...this.#people].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, held]) => held.content);
  }

  versions(): Map<string, string> {
    return new Map([...this.#people].map(([id, held]) => [id, held.version]));
  }

  /** All of it, in the order in which it was put. */
  queue(): Entry[] {
    return [...this.#queue.values()];
  }

  has(key: string): boolean {
    return this.#queue.has(key);
  }

  change(change: Change): Promise<void> {
    return this.#inTurn(async () => {
      await this.log.append(change);
      this.#apply(change);
    });
  }

  /** Nothing of who is gone stays in the log. */
  tidy(): Promise<void> {
    return this.#inTurn(() => this.log.replace(this.#whole()));
  }

  #inTurn(write: () => Promise<void>): Promise<void> {
    const written = this.#turn.then(write);
    this.#turn = written.catch(() => undefined);
    return written;
  }

  #whole(): Change {
    const cursor = this.#cursor === null ? {} : { cursor: this.#cursor };
    return { upserts: Object.fromEntries(this.#people), ...cursor, entries: this.queue() };
  }

  #apply({ anew, upserts, gone, cursor, entries, dropped }: Change): void {
    if (anew) {
      this.#people.clear();
      this.#cursor = null;
    }
    for (const [id, held] of Object.entries(upserts ?? {})) this.#people.set(id, held);
    for (const id of gone ?? []) this.#people.delete(id);
    if (cursor !== undefined) this.#cursor = cursor;
    for (const entry of entries ?? []) this.#queue.set(entry.key, entry);
    for (const key of dropped ?? []) this.#queue.delete(key);
  }
}
