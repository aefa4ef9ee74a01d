/** The copy: pages of `caseload` are taken in their order, each with its cursor, and checked. */

import { Refused, type Hub } from './hub.js';
import type { Fields } from './json.js';
import type { Change, Held, Store } from './store.js';

/** Of a page that is not what its checksum says. */
const TRIES = 3;

export interface PageEntry {
  operation: 'UPSERT' | 'TOMBSTONE';
  id: string;
  reason: string | null;
  version: string | null;
  beneficiary: Fields | null;
}

interface Page {
  entries: PageEntry[];
  cursor: string;
  hasMore: boolean;
  checksum: string;
  whole?: { count: number; checksum: string } | null;
}

/** What arrives, or what is held, is not what the hub says it is, time and again. */
export class Damaged extends Error {}

export interface Pulled {
  changed: Set<string>;
  /** Reasons by id. */
  gone: Map<string, string>;
  /** The copy was dropped, and begun again. */
  anew: boolean;
}

export class Copy {
  /** `document`: asks for `caseload`, with variables `since`, `first` and `whole`. */
  constructor(
    readonly hub: Hub,
    readonly store: Store,
    readonly document = 'caseload',
    readonly first = 200,
  ) {}

  /** All there is by now; Away, Refused, Damaged. What was taken before stays taken. */
  async pull(pulled: Pulled = { changed: new Set(), gone: new Map(), anew: false }): Promise<Pulled> {
    for (let more = true; more; ) more = (await this.#take(pulled, this.first))?.hasMore ?? true;
    return pulled;
  }

  /** Pulls, and holds the copy against the checksum of the whole; begins anew where it differs. */
  async verify(): Promise<Pulled> {
    const pulled = await this.pull();
    while (!(await this.#isChecked(pulled))) await this.pull(pulled);
    return pulled;
  }

  /** The next page; null where the copy was dropped instead. */
  async #take(pulled: Pulled, first: number, whole = false): Promise<Page | null> {
    let page: Page;
    try {
      page = await this.#page(first, whole);
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== 'RESYNC' || this.store.cursor === null) throw error;
      await this.#beginAnew(pulled);
      return null;
    }
    await this.store.change(taken(page));
    note(pulled, page.entries);
    if (!page.hasMore && (pulled.gone.size > 0 || pulled.anew)) await this.store.tidy();
    return page;
  }

  async #page(first: number, whole: boolean): Promise<Page> {
    for (let tried = 0; tried < TRIES; tried++) {
      const asked = { since: this.store.cursor, first, whole };
      const page = (await this.hub.ask(this.document, asked)).data['caseload'] as Page;
      if ((await pageChecksum(page.entries)) === page.checksum) return page;
    }
    throw new Damaged();
  }

  /** Whether there was nothing more to pull, and the copy is whole; else there is more. */
  async #isChecked(pulled: Pulled): Promise<boolean> {
    const page = await this.#take(pulled, 1, true);
    if (page === null || page.hasMore) return false;
    const versions = this.store.versions();
    if (page.whole?.count === versions.size && page.whole.checksum === (await wholeChecksum(versions))) return true;
    if (pulled.anew) throw new Damaged();
    await this.#beginAnew(pulled);
    return false;
  }

  async #beginAnew(pulled: Pulled): Promise<void> {
    await this.store.change({ anew: true });
    pulled.anew = true;
  }
}

function taken(page: Page): Change {
  const upserts: Record<string, Held> = {};
  const gone = new Set<string>();
  for (const { operation, id, version, beneficiary } of page.entries) {
    delete upserts[id];
    gone.delete(id);
    if (operation === 'UPSERT') upserts[id] = { version: version!, content: beneficiary! };
    else gone.add(id);
  }
  return { upserts, gone: [...gone], cursor: page.cursor };
}

function note(pulled: Pulled, entries: PageEntry[]): void {
  for (const { operation, id, reason } of entries) {
    pulled.gone.delete(id);
    pulled.changed.delete(id);
    if (operation === 'UPSERT') pulled.changed.add(id);
    else pulled.gone.set(id, reason!);
  }
}

async function hash(text: string): Promise<string> {
  const found = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return Array.from(found, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Of entries as they were sent. */
export const pageChecksum = (entries: PageEntry[]): Promise<string> => hash(JSON.stringify(entries));

/** Of all that is held, in whatever order. */
export async function wholeChecksum(versions: Map<string, string>): Promise<string> {
  let found = 0n;
  for (const [id, version] of versions) found ^= BigInt(`0x${(await hash(`${id} ${version}`)).slice(0, 32)}`);
  return found.toString(16).padStart(32, '0');
}
