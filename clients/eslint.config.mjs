// graphql-eslint over the documents and the schema. Run from the repository, whose paths these are.
import graphql from '@graphql-eslint/eslint-plugin';

const schema = 'graphql_schema/audience/bureau.graphql';
const documents = 'clients/documents/**/*.graphql';

const linted = (files, rules) => ({
  files: [files],
  languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema, documents } } },
  plugins: { '@graphql-eslint': graphql },
  rules,
});

export default [
  linted(documents, graphql.configs['flat/operations-recommended'].rules),
  linted(schema, {
    ...graphql.configs['flat/schema-recommended'].rules,
    '@graphql-eslint/require-deprecation-reason': 'error',
    // Keys to group by are named as the fields are.
    '@graphql-eslint/naming-convention': [
      'error',
      { types: 'PascalCase', FieldDefinition: 'camelCase', InputValueDefinition: 'camelCase', Argument: 'camelCase' },
    ],
    // Words of the field: householdNumber, visitedOn.
    '@graphql-eslint/no-typename-prefix': 'off',
    // A page, an edge or a number is not a thing with an id.
    '@graphql-eslint/strict-id-in-types': 'off',
  }),
];
