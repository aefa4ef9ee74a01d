// Composes subgraphs by Apollo Federation 2: node compose.mjs hub.graphql [other.graphql …]
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';

const services = process.argv.slice(2).map((path) => ({
  name: basename(path, '.graphql'),
  url: `https://${basename(path, '.graphql')}.example/graphql`,
  typeDefs: parse(readFileSync(path, 'utf8')),
}));
const { errors, supergraphSdl, hints } = composeServices(services);
for (const error of errors ?? []) console.error(error.message);
if (errors) process.exit(1);
for (const hint of hints) console.error(hint.message);
console.log(supergraphSdl);
