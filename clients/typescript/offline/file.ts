/**
 * A log as a file: one line of JSON for each change. A line that was cut off is no change, and is cut away.
 * When it is opened it is written anew, without what is over.
 */

import { open, readFile, rename, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Store, type Change, type Log } from './store.js';

export class File implements Log {
  #handle: FileHandle | null = null;

  constructor(readonly path: string) {}

  async read(): Promise<Change[]> {
    let text = '';
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const changes = whole.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Change);
    await this.#rewrite(await summed(changes));
    return changes;
  }

  async append(change: Change): Promise<void> {
    if (this.#handle === null) throw new Error('Read it first.');
    await this.#handle.appendFile(`${JSON.stringify(change)}\n`);
    await this.#handle.datasync();
  }

  async #rewrite(change: Change): Promise<void> {
    const beside = `${this.path}.new`;
    const handle = await open(beside, 'w', 0o600);
    await handle.writeFile(`${JSON.stringify(change)}\n`);
    await handle.datasync();
    await handle.close();
    await rename(beside, this.path);
    const folder = await open(dirname(this.path));
    await folder.sync(); // or the old file may come back when the power goes
    await folder.close();
    this.#handle = await open(this.path, 'a');
  }
}

/** All of them as one. */
async function summed(changes: Change[]): Promise<Change> {
  const store = await Store.open({ read: () => Promise.resolve(changes), append: () => Promise.resolve() });
  const versions = store.versions();
  const upserts = Object.fromEntries(
    store.people().map((content) => [content['id'], { version: versions.get(content['id'] as string)!, content }]),
  );
  return {
    upserts,
    ...(store.cursor === null ? {} : { cursor: store.cursor }),
    entries: store.queue(),
  };
}
