/** The queue: what is to be done is stored first, then sent in order, till it is done or refused. */

import { Away, Refused, type Fault, type Hub } from './hub.js';
import type { Fields } from './json.js';
import { marks, same, type Mark } from './merge.js';
import type { Entry, State, Store } from './store.js';

const MOST_ITEMS = 200;
/** Of one request of several: what is cut off is sent again. */
const MOST_BYTES = 1_000_000;
/** Bytes of one item; the hub takes 4 MiB (`HUB_MAX_BODY_BYTES`). */
const LARGEST = 3_900_000;
/** The hub knows a key for 30 days. */
const KEY_MILLISECONDS = 29 * 86_400_000;
/** Of an item: it was not done, and may be. */
const LATER = new Set(['UNAVAILABLE', 'RATE_LIMITED', 'BUDGET_EXCEEDED']);
/** Statuses and codes that are not about what is sent, but about who sends it, or by which document. */
const CLIENT = new Set([401, 403]);
const DOCUMENT = new Set(['PERSISTED_QUERY_NOT_FOUND', 'PERSISTED_QUERY_NOT_SUPPORTED', 'GRAPHQL_VALIDATION_FAILED']);

export interface Kind {
  /** A mutation of many, whose field has the alias `done`. */
  document: string;
  /** Member of an item that names the record it changes; without, it makes one. */
  record?: string;
}

export interface Conflict {
  key: string;
  kind: string;
  base: Fields;
  stored: Fields;
  asked: Fields;
  /** Who changed what since `base` was read. */
  fields: Record<string, Mark>;
}

/** What to ask for instead, by fields, `{}` for the same again; null leaves it to a person. */
export type Decide = (conflict: Conflict) => Fields | null;

export class Queue {
  /** Fewer than `mostItems` while one is looked for that keeps the others; 0 where there is none. */
  #most = 0;
  /** Keys of those that were sent alone and not answered, by when: the others do not wait for them. */
  readonly #last = new Set<string>();

  /** One process at a time sends it. `decide` is asked about conflicts as they come. */
  constructor(
    readonly hub: Hub,
    readonly store: Store,
    readonly kinds: Readonly<Record<string, Kind>>,
    readonly decide: Decide = () => null,
    readonly mostItems = MOST_ITEMS,
    readonly mostBytes = MOST_BYTES,
  ) {}

  /**
   * Stores what is to be done; its key. `base`: the record that is changed, as it was read.
   *
   * Once for each thing that somebody did; a `key` of the caller's own makes a repeat harmless.
   */
  async put(kind: string, item: Fields, base: Fields | null = null, key: string = crypto.randomUUID()): Promise<string> {
    const { record } = this.#kind(kind);
    const given = { ...item };
    if (record !== undefined) {
      if (base === null) throw new Error('Expected base: the record that is changed, as it was read.');
      given[record] = base['id']!;
      given['version'] = base['version']!;
    }
    if (size(given) > LARGEST) throw new Error(`Expected less than ${LARGEST} bytes: fewer pictures, or smaller ones.`);
    if (!this.store.has(key)) {
      const entry: Entry = { key, kind, item: given, base, state: 'WAITING', sentAt: null, outcome: null };
      await this.store.change({ entries: [entry] });
    }
    return key;
  }

  entries(...states: State[]): Entry[] {
    return this.store.queue().filter((entry) => states.length === 0 || states.includes(entry.state));
  }

  /** Asks again, with these `fields`, and of a conflict on top of what stands now. */
  async resolve(key: string, fields: Fields = {}): Promise<void> {
    const found = this.entries('REFUSED', 'CONFLICT').find((entry) => entry.key === key);
    if (found === undefined) throw new Error('Expected the key of one that was refused, or is a conflict.');
    const entry = found.state === 'CONFLICT' ? onTop(found, found.outcome!['stored'] as Fields) : found;
    const again: Entry = { ...entry, item: { ...entry.item, ...fields }, state: 'WAITING', sentAt: null, outcome: null };
    await this.store.change({ entries: [again] });
  }

  /** Gives it up, or forgets that it was done. */
  async drop(key: string): Promise<void> {
    await this.store.change({ dropped: [key] });
  }

  /**
   * Until nothing waits that can be sent; Away, or Refused where this client may not ask, or not so.
   *
   * Everything that was sent and not answered waits still, with its key.
   */
  async send(): Promise<void> {
    let fruitless = 0;
    for (let batch = this.#next(); batch.length > 0; batch = this.#next()) {
      try {
        fruitless = (await this.#sent(batch)) ? 0 : fruitless + 1;
        if (fruitless === this.hub.patience.tries) throw new Away();
      } catch (error) {
        await this.#fail(batch, error);
      }
      if (fruitless > 0) await this.hub.wait(fruitless);
    }
    this.#most = 0;
  }

  /** Looks for the one for which all are refused, or never arrive; throws what is for the caller. */
  async #fail(batch: Entry[], error: unknown): Promise<void> {
    if (!(error instanceof Away) && !(error instanceof Refused)) throw error;
    if (error instanceof Refused && (CLIENT.has(error.status) || DOCUMENT.has(error.code))) throw error;
    this.#most = Math.floor(batch.length / 2);
    const alone = batch.length === 1 ? batch[0]! : null;
    if (error instanceof Away) {
      if (alone) {
        this.#last.delete(alone.key);
        this.#last.add(alone.key); // behind the others
      }
      throw error;
    }
    if (alone) await this.store.change({ entries: [refused(alone, error.code, error.message)] });
  }

  // ── one request ───────────────────────────────────────────────────────────────────────────────────────

  #next(): Entry[] {
    const batch = this.#batch();
    return batch.length > 0 ? batch : this.#alone();
  }

  /** The next that wait, of the kind of the oldest: each record once, older entries first. */
  #batch(): Entry[] {
    const most = this.#most || this.mostItems;
    const found: Entry[] = [];
    let bytes = 0;
    for (const entry of this.#free(this.#last)) {
      if (found[0] && entry.kind !== found[0].kind) continue;
      bytes += size(entry.item);
      if (found.length > 0 && (found.length === most || bytes > this.mostBytes)) break;
      found.push(entry);
    }
    return found;
  }

  /** One of those that go last. */
  #alone(): Entry[] {
    const free = new Map([...this.#free()].map((entry) => [entry.key, entry]));
    return [...this.#last].flatMap((key) => free.get(key) ?? []).slice(0, 1);
  }

  /** Those that wait, without those whose record an older one is about. */
  *#free(last: ReadonlySet<string> = new Set()): Generator<Entry> {
    const busy = new Set<string>();
    for (const entry of this.entries('WAITING', 'CONFLICT')) {
      const record = this.#record(entry);
      if (!busy.has(record) && entry.state === 'WAITING' && !last.has(entry.key)) yield entry;
      if (record !== '') busy.add(record);
    }
  }

  /** Whether anything came of it. */
  async #sent(waiting: Entry[]): Promise<boolean> {
    await this.hub.signIn(); // before anything counts as sent, and for the right time
    const now = this.hub.tokens.now();
    const old = waiting.filter(({ sentAt }) => sentAt !== null && now - sentAt > KEY_MILLISECONDS);
    if (old.length > 0) {
      const message = 'No answer was heard, and the hub may have forgotten the key: look whether it was done.';
      await this.store.change({ entries: old.map((entry) => refused(entry, 'KEY_EXPIRED', message)) });
      return true;
    }
    const batch = waiting.map((entry) => ({ ...entry, sentAt: entry.sentAt ?? now }));
    await this.store.change({ entries: batch });
    const items = batch.map(({ item, key }) => ({ ...item, key }));
    const { data, errors } = await this.hub.ask(this.#kind(batch[0]!.kind).document, { items });
    const done = data['done'] as (Fields | null)[] | null;
    if (done === null) {
      // Done or not, it was not shown: their keys will tell.
      if (LATER.has(errors[0]!.extensions.code)) return false;
      throw new Refused(200, errors);
    }
    const faults = new Map(errors.map((error) => [error.path?.[1], error]));
    const entries = batch.flatMap((entry, place) => this.#settled(entry, done[place] ?? null, faults.get(place)));
    await this.store.change({ entries: entries.filter(({ key }) => this.store.has(key)) });
    return entries.length > 0;
  }

  #settled(entry: Entry, shown: Fields | null, fault: Fault | undefined): Entry[] {
    if (fault === undefined || shown !== null) {
      // without a fault, or with one about a part of what is shown
      const done: Entry = { ...entry, item: {}, base: null, state: 'DONE', outcome: shown };
      return [done, ...this.#behind(entry, shown)];
    }
    const { code, conflict } = fault.extensions;
    if (conflict) return [this.#conflict(entry, conflict.stored)];
    return LATER.has(code) ? [] : [refused(entry, code, fault.message)];
  }

  /** Those that wait to change the same record: it is another version now, by ourselves. */
  #behind(done: Entry, stored: Fields | null): Entry[] {
    const record = this.#record(done);
    if (record === '' || stored === null) return [];
    const ours = Object.entries(this.#asked(done)).flatMap(([name, wanted]) => {
      const stands = stored[name];
      return stands !== undefined && same(stands, wanted) ? [[name, stands] as const] : [];
    });
    return this.entries('WAITING')
      .filter((entry) => entry.key !== done.key && this.#record(entry) === record)
      .map((entry) => this.#conflict({ ...entry, base: { ...entry.base, ...Object.fromEntries(ours) } }, stored));
  }

  // ── three versions ────────────────────────────────────────────────────────────────────────────────────

  /** It waits again where nothing contradicts, or where it was decided; else it is for a person. */
  #conflict(entry: Entry, stored: Fields): Entry {
    const { key, kind } = entry;
    const told = { base: entry.base ?? {}, stored, asked: this.#asked(entry) };
    const fields = marks(told.base, told.stored, told.asked);
    const wanted = Object.values(fields).includes('BOTH') ? this.decide({ key, kind, ...told, fields }) : {};
    if (wanted === null) return { ...entry, state: 'CONFLICT', outcome: { ...told, fields } };
    const again = onTop(entry, stored);
    return { ...again, item: { ...again.item, ...wanted }, state: 'WAITING' };
  }

  /** Fields that are to be changed. */
  #asked(entry: Entry): Fields {
    const { record } = this.#kind(entry.kind);
    return Object.fromEntries(Object.entries(entry.item).filter(([name]) => name !== record && name !== 'version'));
  }

  /** Id of the record that is changed; nothing where one is made. */
  #record(entry: Entry): string {
    const { record } = this.#kind(entry.kind);
    return record === undefined ? '' : String(entry.item[record]);
  }

  #kind(name: string): Kind {
    const kind = this.kinds[name];
    if (kind === undefined) throw new Error(`There is no kind ${name}.`);
    return kind;
  }
}

function onTop(entry: Entry, stored: Fields): Entry {
  return { ...entry, item: { ...entry.item, version: stored['version']! }, base: stored, sentAt: null };
}

function refused(entry: Entry, code: string, message: string): Entry {
  return { ...entry, state: 'REFUSED', outcome: { code, message } };
}

const size = (item: Fields): number => new TextEncoder().encode(JSON.stringify(item)).length;
