import type { CodegenConfig } from '@graphql-codegen/cli';

/** Each kind of client has a schema of its own, and its documents are typed by that. */
const audience = (role: string, client: string) => ({
  [`typescript/generated/${client}/`]: {
    preset: 'client' as const,
    schema: `../graphql_schema/audience/${role}.graphql`,
    documents: `documents/${role}/${client}/*.graphql`,
    presetConfig: { fragmentMasking: false },
    config: {
      enumsAsTypes: true,
      strictScalars: true,
      scalars: { Date: 'string', DateTime: 'string', Decimal: 'string' },
      useTypeImports: true,
    },
  },
});

const config: CodegenConfig = {
  importExtension: '.js',
  generates: {
    ...audience('township', 'portal'),
    ...audience('bureau', 'dashboard'),
    ...audience('agency', 'counter'),
    ...audience('contractor', 'field'),
  },
};

export default config;
