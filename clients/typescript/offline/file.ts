/**
 * A log as a file: one line of JSON for each change. A line that was cut off is no change, and is cut away.
 *
 * It belongs to the process that opened it last. Another finds that out when it has written, and says so: nobody would
 * read it.
 */

import { open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Change, Log } from './store.js';

export class File implements Log {
  #handle: FileHandle | null = null;
  #bytes = 0;

  constructor(readonly path: string) {}

  async read(): Promise<Change[]> {
    await rename(this.path, this.#old).catch(unlessAbsent); // whoever has it open is told from now on
    const text = (await readFile(this.#old, 'utf8').catch(unlessAbsent)) ?? '';
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    return whole.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Change);
  }

  async replace(change: Change): Promise<void> {
    await this.#check();
    const beside = `${this.path}.new`;
    const line = lineOf(change);
    await rm(beside, { force: true });
    const handle = await open(beside, 'ax', 0o600);
    try {
      await handle.writeFile(line);
      await handle.datasync();
      await rename(beside, this.path);
    } catch (error) {
      await handle.close();
      throw error;
    }
    await this.#handle?.close();
    [this.#handle, this.#bytes] = [handle, line.length];
    const folder = await open(dirname(this.path));
    await folder.sync(); // or the old file may come back when the power goes
    await folder.close();
    await rm(this.#old, { force: true });
  }

  async append(change: Change): Promise<void> {
    const handle = this.#handle;
    if (handle === null) throw new Error('Expected a log that was read, and written as a whole.');
    const line = lineOf(change);
    try {
      await handle.writeFile(line);
      await handle.datasync();
    } catch (error) {
      this.#handle = null;
      await handle.truncate(this.#bytes); // a disk that is full keeps a part
      this.#handle = handle;
      throw error;
    }
    await this.#check();
    this.#bytes += line.length;
  }

  get #old(): string {
    return `${this.path}.old`;
  }

  /** Whether the file is still the one that this process has open. */
  async #check(): Promise<void> {
    if (this.#handle === null) return;
    const there = await stat(this.path).catch(unlessAbsent);
    if (there?.ino !== (await this.#handle.stat()).ino) throw new Error(`Another process has opened ${this.path}.`);
  }
}

const lineOf = (change: Change): Buffer => Buffer.from(`${JSON.stringify(change)}\n`);

function unlessAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
