/** Who is asking. Tokens live in this module's closures and nowhere else. */
import { page, type Persona } from './page';
import { t } from './i18n';

export interface Identity {
  /** A persona's name, or '' for a pasted token or nobody. */
  readonly name: string;
  readonly persona: Persona | null;
  /** The bearer token to send; null when there is none. */
  token(): Promise<string | null>;
  /** Drop a refused token; true when asking again may bring a better one. */
  refuse(): boolean;
}

const MARGIN_MS = 20_000;

export const nobody: Identity = {
  name: '',
  persona: null,
  token: async () => null,
  refuse: () => false,
};

export function pasted(token: string): Identity {
  return { name: '', persona: null, token: async () => token, refuse: () => false };
}

export function acting(persona: Persona): Identity {
  let held: Promise<{ token: string; until: number }> | null = null;
  return {
    name: persona.name,
    persona,
    async token() {
      const current = held && (await held.catch(() => null));
      if (!current || current.until - MARGIN_MS < Date.now()) held = mint(persona.name);
      return (await held!).token;
    },
    refuse() {
      held = null;
      return true;
    },
  };
}

async function mint(name: string): Promise<{ token: string; until: number }> {
  const response = await fetch(page.token, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ persona: name }),
    credentials: 'omit',
    cache: 'no-store',
  });
  if (!response.ok) throw new Error(`${t('noMint')} (HTTP ${response.status})`);
  const { access_token, expires_in } = (await response.json()) as { access_token: string; expires_in: number };
  return { token: access_token, until: Date.now() + expires_in * 1000 };
}

export async function personas(): Promise<Persona[]> {
  const response = await fetch(page.personas, { credentials: 'omit', cache: 'no-store' });
  if (!response.ok) throw new Error(`${t('noPersonas')} (HTTP ${response.status})`);
  return (await response.json()) as Persona[];
}
