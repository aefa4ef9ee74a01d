import type { Fetcher, FetcherParams } from '@graphiql/toolkit';
import type { ExecutionResult } from 'graphql';
import { page } from './page';
import { t } from './i18n';
import type { Identity } from './identity';

export interface Line {
  fetcher: Fetcher;
  /** End what is under way: an answer for one identity must not appear under the next. */
  hangUp(): void;
}

const refusal = (message: string): ExecutionResult => ({ errors: [{ message }] as never });

/** A new line per identity: GraphiQL reads the schema again whenever the fetcher changes. */
export function lineOf(identity: Identity): Line {
  const stop = new AbortController();

  async function post(params: FetcherParams, headers: Record<string, string>): Promise<Response | null> {
    const token = await identity.token();
    if (!token && !headers['authorization'] && !headers['Authorization']) return null;
    return fetch(page.graphql, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json;q=0.9',
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
      body: JSON.stringify(params),
      signal: stop.signal,
      credentials: 'omit',
      cache: 'no-store',
    });
  }

  async function ask(params: FetcherParams, headers: Record<string, string>): Promise<ExecutionResult> {
    let response = await post(params, headers);
    if (response?.status === 401 && identity.refuse()) response = await post(params, headers);
    if (!response) return refusal(t('noToken'));
    const text = await response.text();
    try {
      return JSON.parse(text) as ExecutionResult;
    } catch {
      return refusal(`HTTP ${response.status} ${response.statusText}`);
    }
  }

  return {
    fetcher: async (params, options) => {
      try {
        return await ask(params, options?.headers ?? {});
      } catch (error) {
        if (stop.signal.aborted) return refusal(t('switched'));
        return refusal(`${t('unreachable')} ${error instanceof Error ? error.message : ''}`);
      }
    },
    hangUp: () => stop.abort(),
  };
}
