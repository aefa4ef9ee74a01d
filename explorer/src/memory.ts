/** GraphiQL keeps tabs and history here instead of in the browser's storage: queries and
 * variables hold identity numbers, and stations share their computers. */
import type { Storage } from '@graphiql/toolkit';

interface TabState {
  tabs: { query: string | null; variables?: string | null }[];
  activeTabIndex: number;
}

class Memory implements Storage {
  #items = new Map<string, string>();

  get length(): number {
    return this.#items.size;
  }
  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.#items.set(key, value);
  }
  removeItem(key: string): void {
    this.#items.delete(key);
  }
  clear(): void {
    this.#items.clear();
  }

  open(query: string, variables: string): void {
    this.setItem('graphiql:query', query);
    this.setItem('graphiql:variables', variables);
  }

  /** GraphiQL saves with half a second's delay; a change of language cannot wait for it. */
  keep({ tabs, activeTabIndex }: TabState): void {
    const active = tabs[activeTabIndex];
    this.open(active?.query ?? '', active?.variables ?? '');
    this.setItem('graphiql:tabState', JSON.stringify({ tabs, activeTabIndex }));
  }
}

export const memory = new Memory();
