/**
 * What staff does in the field, typed: people, visits, dossiers, needs.
 *
 *     const tokens = new Tokens('https://hub.example', 'field-1', JSON.parse(process.env.CLIENT_KEY));
 *     const hub = new Hub(tokens, documents, {}, 'entrusted-service'); // from './generated/field/documents.js'
 *     const work = new Fieldwork(hub, await Store.open(new File('field.log')));
 *     await work.copy.pull(); // with a network
 *     const person = work.people()[0]!; // without
 *     await work.noteVisit({ beneficiary: person.id, visitedOn: '2026-06-01', kind: 'HOME', purpose: 'ELDER_MONTHLY' });
 *     for (const read of person.dossiers.nodes) await work.changeDossier(read, { problems: '独居' });
 *     await work.queue.send(); // with one again
 *     work.queue.entries('REFUSED', 'CONFLICT'); // are for a person
 *
 * The types are those of the trusted documents in `documents/contractor/field` (`codegen.ts`).
 */

import type {
  DossierReadFragment,
  FollowNeedItem,
  NeedReadFragment,
  PersonFragment,
  RecordVisitItem,
  UpdateDossierItem,
  VisitPhotoInput,
} from './generated/field/graphql.js';
import { Copy } from './offline/copy.js';
import type { Hub } from './offline/hub.js';
import type { Fields } from './offline/json.js';
import { Queue, type Decide, type Kind } from './offline/queue.js';
import type { Store } from './offline/store.js';

export const KINDS: Record<'visit' | 'dossier' | 'need', Kind> = {
  visit: { document: 'visits' },
  dossier: { document: 'dossiers', record: 'dossier' },
  need: { document: 'needs', record: 'need' },
};

type Without<Item, Names extends string> = Omit<Item, Names | 'version' | 'key'>;

export class Fieldwork {
  readonly copy: Copy;
  readonly queue: Queue;

  /** `copy` and `queue` share a store. Only `copy.pull` and `queue.send` need a network. */
  constructor(hub: Hub, store: Store, decide?: Decide) {
    this.copy = new Copy(hub, store);
    this.queue = new Queue(hub, store, KINDS, decide);
  }

  people(): PersonFragment[] {
    return this.copy.store.people() as unknown as PersonFragment[];
  }

  noteVisit(visit: Omit<RecordVisitItem, 'key'>, key?: string): Promise<string> {
    return this.queue.put('visit', visit as Fields, null, key);
  }

  /** `read`: as it is in the copy. */
  changeDossier(read: DossierReadFragment, change: Without<UpdateDossierItem, 'dossier'>, key?: string): Promise<string> {
    return this.queue.put('dossier', change as Fields, read as unknown as Fields, key);
  }

  followNeed(read: NeedReadFragment, change: Without<FollowNeedItem, 'need'>, key?: string): Promise<string> {
    return this.queue.put('need', change as Fields, read as unknown as Fields, key);
  }
}

/** JPEG, PNG or WebP. The hub takes six of a visit, of 400 KiB each (`HUB_VISIT_PHOTOS`, `HUB_VISIT_PHOTO_BYTES`). */
export function picture(content: Uint8Array, caption?: string): VisitPhotoInput {
  const encoded = btoa(Array.from(content, (byte) => String.fromCharCode(byte)).join(''));
  return { content: encoded, ...(caption === undefined ? {} : { caption }) };
}
