import { ask, Refused } from './ask.js';
import { StatusDocument } from './generated/counter/graphql.js';
import { token, url } from './here.js';

const { beneficiaryStatus } = await ask(url, token, StatusDocument, {
  idNumber: '459999195003070019',
  programme: 'DIBAO',
});
console.log(JSON.stringify({ entitled: beneficiaryStatus.entitled, programme: beneficiaryStatus.programme }));

try {
  await ask(url, token, StatusDocument, { idNumber: 'no number', programme: 'DIBAO' });
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  console.log(JSON.stringify({ refused: error.errors[0]?.extensions.code }));
}
