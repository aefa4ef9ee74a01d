/**
 * Plays steps, a JSON array of `[name, …]` on standard input, and prints what came of each.
 *
 * HUB_URL, CLIENT_KEY (a private JWK), STORE (a file)
 */

import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Copy } from './offline/copy.js';
import { File } from './offline/file.js';
import { Away, Hub, Refused } from './offline/hub.js';
import type { Fields } from './offline/json.js';
import { Queue, type Kind } from './offline/queue.js';
import { Store } from './offline/store.js';
import { Tokens } from './offline/tokens.js';

type Item = [key: string, kind: string, item: Fields, base?: Fields];

const KINDS: Record<string, Kind> = { visit: { document: 'visits' }, dossier: { document: 'dossiers', record: 'dossier' } };
const DOCUMENTS = { caseload: 'caseload', visits: 'visits', dossiers: 'dossiers' };

const given = (name: string): string => process.env[name] ?? '';
const path = given('STORE');
const tokens = new Tokens(given('HUB_URL'), 'field-1', JSON.parse(given('CLIENT_KEY')) as JsonWebKey);
const hub = new Hub(tokens, DOCUMENTS, { tries: 3, first: 0.01, most: 0.02, timeout: 3 });
const opened = async (): Promise<[Store, Queue]> => {
  const store = await Store.open(new File(path));
  return [store, new Queue(hub, store, KINDS)];
};
const files = (): string[] =>
  readdirSync(dirname(path)).filter((name) => name.startsWith(basename(path))).map((name) => join(dirname(path), name));

let [store, queue] = await opened();

const put = async (key: string, kind: string, item: Fields, base?: Fields): Promise<void> => {
  await queue.put(kind, item, base, key);
};

/** What a step says. */
const STEPS: Record<string, (...given: never[]) => unknown> = {
  open: async () => {
    [store, queue] = await opened(); // as another process does, too
  },
  put,
  together: async (...items: Item[]) => {
    await Promise.all(items.map((item) => put(...item)));
  },
  /** Another that has the store open puts something. */
  behind: async (key: string) => {
    const [, other] = await opened();
    await other.put('visit', {}, null, key);
  },
  send: () => queue.send(),
  pull: async () => [...(await new Copy(hub, store).pull()).changed].sort(),
  verify: async () => [...(await new Copy(hub, store).verify()).changed].sort(),
  states: () => Object.fromEntries(queue.entries().map(({ key, state }) => [key, state])),
  modes: () => [...new Set(files().map((file) => `0o${(statSync(file).mode & 0o777).toString(8)}`))].sort(),
  /** Whether any file of the store does. */
  holds: (text: string) => files().some((file) => readFileSync(file).includes(text)),
};

async function play([name, ...rest]: [string, ...never[]]): Promise<unknown> {
  try {
    return (await STEPS[name]!(...rest)) ?? null;
  } catch (error) {
    if (error instanceof Away) return error.wait === null ? 'AWAY' : `AWAY ${error.wait}`;
    return error instanceof Refused ? error.code : String(error);
  }
}

const said: unknown[] = [];
for (const step of JSON.parse(readFileSync(0, 'utf8')) as [string, ...never[]][]) said.push(await play(step));
console.log(JSON.stringify(said));
