import { Client, fetchExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { CaseloadDocument } from './generated/portal/graphql.js';
import { token, url } from './here.js';

const client = new Client({
  url,
  preferGetMethod: false,
  exchanges: [cacheExchange({ resolvers: { Query: { beneficiaries: relayPagination() } } }), fetchExchange],
  fetchOptions: { headers: { authorization: `Bearer ${token}` } },
});

const first = (await client.query(CaseloadDocument, { first: 10 }).toPromise()).data?.beneficiaries;
let shown = first;
while (shown?.pageInfo.hasNextPage) {
  const after = shown.pageInfo.endCursor;
  shown = (await client.query(CaseloadDocument, { first: 10, after }).toPromise()).data?.beneficiaries;
}
console.log(JSON.stringify({ page: first?.edges.length, people: shown?.edges.length, total: first?.totalCount }));

const { error } = await client.query(CaseloadDocument, { first: 10, after: 'no cursor' }).toPromise();
console.log(JSON.stringify({ refused: error?.graphQLErrors[0]?.extensions['code'] }));
