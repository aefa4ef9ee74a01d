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

type Reader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;

/** The results of a subscription. To stop it is to hang up: a generator alone would wait for the next result. */
function events(reader: Reader): AsyncIterableIterator<ExecutionResult> {
  const found = results(reader);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => found.next(),
    return: async () => {
      await reader.cancel().catch(() => undefined);
      return found.return(undefined);
    },
  };
}

async function* results(reader: Reader): AsyncGenerator<ExecutionResult, undefined> {
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const frames = (text + decoder.decode(value, { stream: true })).split('\n\n');
    text = frames.pop() ?? '';
    for (const frame of frames) {
      const data = /^data: (.+)$/m.exec(frame)?.[1];
      if (data) yield JSON.parse(data) as ExecutionResult;
    }
  }
}

/** GraphiQL learns an operation's name a moment after its text: who runs an example at once would send the old one. */
function named({ operationName, ...rest }: FetcherParams): FetcherParams {
  const there = operationName && new RegExp(`\\b${operationName}\\b`).test(rest.query);
  return there ? { ...rest, operationName } : rest;
}

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
        accept: 'application/graphql-response+json, application/json;q=0.9, text/event-stream;q=0.5',
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
      body: JSON.stringify(named(params)),
      signal: stop.signal,
      credentials: 'omit',
      cache: 'no-store',
    });
  }

  async function ask(
    params: FetcherParams,
    headers: Record<string, string>,
  ): Promise<ExecutionResult | AsyncIterable<ExecutionResult>> {
    let response = await post(params, headers);
    if (response?.status === 401 && identity.refuse()) response = await post(params, headers);
    if (!response) return refusal(t('noToken'));
    if (response.body && response.headers.get('content-type')?.startsWith('text/event-stream')) {
      return events(response.body.getReader());
    }
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
