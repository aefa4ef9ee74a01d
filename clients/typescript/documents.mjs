// Ids of trusted documents by the names of their files, as `hub documents push` knows them, into the generated code.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

const folder = 'documents/contractor/field';
const ids = readdirSync(folder).sort().map((file) => {
  const hash = createHash('sha256').update(readFileSync(`${folder}/${file}`)).digest('hex');
  return `  ${file.replace('.graphql', '')}: 'sha256:${hash}',\n`;
});
writeFileSync('typescript/generated/field/documents.ts', `export const documents = {\n${ids.join('')}} as const;\n`);
