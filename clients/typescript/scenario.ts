/**
 * Plays one phase of clients/scenario.json, from its start each time, and prints what came of it.
 *
 * HUB_URL, CLIENT_ID, CLIENT_KEY (a private JWK), STORE (a file), PHASE, SUFFIX (of the names of its people)
 */

import { readFileSync } from 'node:fs';
import { Fieldwork, picture } from './fieldwork.js';
import { documents } from './generated/field/documents.js';
import type { PersonFragment } from './generated/field/graphql.js';
import { wholeChecksum, type Pulled } from './offline/copy.js';
import { File } from './offline/file.js';
import { Hub } from './offline/hub.js';
import type { Fields } from './offline/json.js';
import { Store } from './offline/store.js';
import { Tokens } from './offline/tokens.js';

interface Step {
  do: 'pull' | 'verify' | 'visit' | 'dossier' | 'need' | 'send' | 'resolve' | 'drop' | 'lose' | 'age' | 'spoil';
  key?: string;
  person?: string;
  pictures?: number;
  fields?: Fields;
}

interface Scenario {
  picture: string;
  decisions: Record<string, Fields>;
  phases: Record<string, Step[]>;
}

const given = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`Set ${name}.`);
  return value;
};

const scenario = JSON.parse(readFileSync(new URL('../../scenario.json', import.meta.url), 'utf8')) as Scenario;
const suffix = given('SUFFIX');
const tokens = new Tokens(given('HUB_URL'), given('CLIENT_ID'), JSON.parse(given('CLIENT_KEY')) as JsonWebKey);
const hub = new Hub(tokens, documents, { tries: 40, first: 0.02, most: 0.5 }, process.env['PURPOSE'] ?? null);
const store = await Store.open(new File(given('STORE')));
const plain = (key: string): string => key.slice(suffix.length + 1);
const work = new Fieldwork(hub, store, ({ key }) => scenario.decisions[plain(key)] ?? null);
const pulls: Pulled[] = [];

const found = (name: string): PersonFragment | undefined =>
  work.people().find((person) => person.name === `${name}${suffix}`);

function needed<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('The copy does not hold it.');
  return value;
}

async function play(step: Step): Promise<void> {
  const key = `${suffix}-${step.key ?? ''}`;
  const person = (): PersonFragment => needed(found(step.person ?? ''));
  const fields = step.fields ?? {};
  switch (step.do) {
    case 'pull':
      pulls.push(await work.copy.pull());
      break;
    case 'verify':
      pulls.push(await work.copy.verify());
      break;
    case 'visit': {
      const photos = Array.from({ length: step.pictures ?? 0 }, (_, n) =>
        picture(Buffer.from(scenario.picture, 'hex'), String(n)),
      );
      const visit = { beneficiary: person().id, ...fields, ...(photos.length > 0 ? { photos } : {}) };
      await work.noteVisit(visit as Parameters<Fieldwork['noteVisit']>[0], key);
      break;
    }
    case 'dossier':
      await work.changeDossier(needed(person().dossiers.nodes[0]), fields, key);
      break;
    case 'need':
      await work.followNeed(needed(person().needs.nodes[0]), fields as Parameters<Fieldwork['followNeed']>[1], key);
      break;
    case 'send':
      await work.queue.send();
      break;
    case 'resolve':
      if (work.queue.entries('REFUSED', 'CONFLICT').some((entry) => entry.key === key)) {
        await work.queue.resolve(key, fields);
      }
      break;
    case 'drop':
      await work.queue.drop(key);
      break;
    case 'lose': {
      const lost = found(step.person ?? '');
      if (lost) await store.change({ gone: [lost.id] }); // as if the disk had lost it
      break;
    }
    case 'age': {
      const entry = needed(work.queue.entries().find((each) => each.key === key));
      await store.change({ entries: [{ ...entry, sentAt: 0 }] }); // as if it had never been answered
      break;
    }
    case 'spoil':
      await store.change({ cursor: 'spoiled' }); // as if it were of long ago
      break;
  }
}

for (const step of needed(scenario.phases[given('PHASE')])) await play(step);

const versions = store.versions();
const report = {
  queue: Object.fromEntries(
    work.queue.entries().map(({ key, state, outcome }) => [plain(key), { state, outcome }]),
  ),
  count: versions.size,
  checksum: await wholeChecksum(versions),
  people: store.people(),
  anew: pulls.some((pulled) => pulled.anew),
  gone: Object.fromEntries(pulls.flatMap((pulled) => [...pulled.gone])),
};
console.log(JSON.stringify(report));
