import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';

export interface Refusal {
  message: string;
  path?: (string | number)[];
  extensions: { code: string; messageZh: string };
}

export class Refused extends Error {
  constructor(readonly errors: readonly Refusal[]) {
    super(errors.map((error) => `${error.message} [${error.extensions.code}]`).join('\n'));
  }
}

/** One request. The document's types say which variables it needs and what its answer looks like. */
export async function ask<Data, Variables>(
  url: string,
  token: string,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json',
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ query: print(document), variables }),
  });
  const body = (await answer.json()) as { data?: Data | null; errors?: Refusal[] };
  if (body.errors || !body.data) throw new Refused(body.errors ?? []);
  return body.data;
}
