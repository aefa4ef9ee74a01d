// graphql-inspector's opinion of the step from one schema to the next: node inspect.mjs old.graphql new.graphql
import { readFileSync } from 'node:fs';
import { diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';

const [old, now] = process.argv.slice(2).map((path) => buildSchema(readFileSync(path, 'utf8')));
const changes = await diff(old, now);
console.log(JSON.stringify(changes.map(({ path, type, criticality }) => ({ path, type, level: criticality.level }))));
