import { graphql } from 'relay-runtime';

/** The page asks once; its list and each case declare what they show. */
export const page = graphql`
  query CaseloadPageQuery($where: BeneficiaryWhere) {
    ...Caseload_query @arguments(where: $where)
  }
`;

/** A list that grows: `usePaginationFragment(caseload, …)` loads the next twenty. */
export const caseload = graphql`
  fragment Caseload_query on Query
  @refetchable(queryName: "CaseloadNextPageQuery")
  @argumentDefinitions(
    first: { type: "Int", defaultValue: 20 }
    after: { type: "String" }
    where: { type: "BeneficiaryWhere" }
  ) {
    beneficiaries(first: $first, after: $after, where: $where) @connection(key: "Caseload_beneficiaries") {
      totalCount
      edges {
        node {
          id
          ...Caseload_case
        }
      }
    }
  }
`;

export const one = graphql`
  fragment Caseload_case on Beneficiary {
    nameMasked
    riskLevel
    station {
      name
    }
  }
`;
