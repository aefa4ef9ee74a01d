import { ask } from './ask.js';
import { CountyDocument } from './generated/dashboard/graphql.js';
import { token, url } from './here.js';

const data = await ask(url, token, CountyDocument, { county: '450305', from: '2026-01-01', to: '2027-01-01' });

const byRisk: Record<string, number | null> = {};
for (const { key, count } of data.people.groups) byRisk[key[0] ?? 'none'] = count;
console.log(JSON.stringify({ people: data.people.count, byRisk, stations: data.stations.totalCount }));
