import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache } from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';
import { CaseloadDocument } from './generated/portal/graphql.js';
import { token, url } from './here.js';

const client = new ApolloClient({
  link: new HttpLink({ uri: url, headers: { authorization: `Bearer ${token}` } }),
  cache: new InMemoryCache({
    typePolicies: { Query: { fields: { beneficiaries: relayStylePagination(['where', 'orderBy']) } } },
  }),
});

const variables = { first: 10 };
const caseload = client.watchQuery({ query: CaseloadDocument, variables });
const watched = caseload.subscribe(() => undefined);
let page = (await client.query({ query: CaseloadDocument, variables })).data?.beneficiaries;
const first = page;
while (page?.pageInfo.hasNextPage) {
  const more = await caseload.fetchMore({ variables: { after: page.pageInfo.endCursor } });
  page = more.data?.beneficiaries;
}
// The cache has joined the pages.
const joined = client.readQuery({ query: CaseloadDocument, variables })?.beneficiaries;
watched.unsubscribe();
console.log(JSON.stringify({ page: first?.edges.length, people: joined?.edges.length, total: first?.totalCount }));

try {
  const wrong = { ...variables, after: 'no cursor' };
  await client.query({ query: CaseloadDocument, variables: wrong, fetchPolicy: 'no-cache' });
} catch (error) {
  if (!CombinedGraphQLErrors.is(error)) throw error;
  console.log(JSON.stringify({ refused: error.errors[0]?.extensions?.['code'] }));
}
client.stop();
