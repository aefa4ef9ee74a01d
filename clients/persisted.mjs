// Apollo Client and urql ask QUERY twice each, by its hash: a JSON object a line says what they sent.
import { createHash } from 'node:crypto';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { Client, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';

const { GRAPHQL_URL: uri, ACCESS_TOKEN: token, QUERY: text } = process.env;
const headers = { authorization: `Bearer ${token}`, 'accept-language': 'zh-CN' };
let seen = [];
const counting = async (address, init = {}) => {
  const url = new URL(address);
  const said = init.body ? JSON.parse(init.body) : Object.fromEntries(url.searchParams);
  const answer = await fetch(address, init);
  // Method, whether the text was sent, and the status of the answer.
  seen.push([init.method ?? 'GET', 'query' in said, answer.status]);
  return answer;
};

const apollo = () => {
  const hashed = new PersistedQueryLink({
    sha256: (value) => createHash('sha256').update(value).digest('hex'), useGETForHashedQueries: true });
  const link = ApolloLink.from([hashed, new HttpLink({ uri, headers, fetch: counting })]);
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  return async () => (await client.query({ query: gql(text), fetchPolicy: 'network-only' })).data;
};
const urql = () => {
  const client = new Client({ url: uri, fetch: counting, fetchOptions: { headers }, preferGetMethod: false,
    exchanges: [persistedExchange({ preferGetForPersistedQueries: true }), fetchExchange] });
  return async () => {
    const { data, error } = await client.query(text, {}, { requestPolicy: 'network-only' }).toPromise();
    if (error) throw error;
    return data;
  };
};

for (const [client, make] of Object.entries({ apollo, urql })) {
  const ask = make();
  for (const round of [1, 2]) {
    seen = [];
    console.log(JSON.stringify({ client, round, data: await ask(), requests: seen }));
  }
}
