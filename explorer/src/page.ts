/** What the server wrote into the page; see `hub/web/explorer.py`. */
import { setNonce } from 'get-nonce';

export interface Bilingual {
  zh: string;
  en: string;
}

/** A saved query: its text stands in `hub/web/static/explorer/examples/`. */
export interface Example {
  name: string;
  audience: Bilingual;
  title: Bilingual;
  roles: string[];
  query: string;
  variables: Record<string, unknown>;
}

export interface Persona {
  name: string;
  label_zh: string;
  label_en: string;
  role: string;
  division: string | null;
  organisation: string | null;
}

interface Page {
  demo: boolean;
  graphql: string;
  personas: string;
  token: string;
  roles: Record<string, Bilingual>;
  examples: Example[];
}

function read(): Page {
  const block = document.getElementById('page');
  if (!block?.textContent) throw new Error('The page holds no settings block.');
  return JSON.parse(block.textContent) as Page;
}

export const page: Page = read();

// The scroll lock of the dialogs adds one <style> element; it needs the page's nonce.
const nonce = document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce;
if (nonce) setNonce(nonce);

export function operationName(query: string): string {
  return /^\s*(?:query|mutation|subscription)\s+(\w+)/m.exec(query)?.[1] ?? '';
}

export function variablesText({ variables }: Example): string {
  return Object.keys(variables).length ? JSON.stringify(variables, null, 2) : '';
}
