import { ask } from './ask.js';
import { CaseloadDocument, type CaseFragment, type CaseloadQuery } from './generated/portal/graphql.js';
import { token, url } from './here.js';

/** Every person of a caseload, page by page. */
async function* caseload(size: number): AsyncGenerator<CaseFragment> {
  let after: string | null = null;
  do {
    const { beneficiaries }: CaseloadQuery = await ask(url, token, CaseloadDocument, { first: size, after });
    for (const { node } of beneficiaries.edges) yield node;
    after = beneficiaries.pageInfo.hasNextPage ? beneficiaries.pageInfo.endCursor : null;
  } while (after);
}

const seen = new Set<string>();
for await (const person of caseload(10)) seen.add(person.id);
console.log(JSON.stringify({ people: seen.size }));
