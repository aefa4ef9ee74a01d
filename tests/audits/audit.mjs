// Every server audit of graphql-http against AUDIT_URL as the holder of AUDIT_TOKEN: one JSON object a line.
import { serverAudits } from 'graphql-http';

const { AUDIT_URL: url, AUDIT_TOKEN: token } = process.env;

const asked = (address, init = {}) =>
  fetch(address, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } });

for (const { id, name, fn } of serverAudits({ url, fetchFn: asked })) {
  const { status, reason, response } = await fn();
  console.log(JSON.stringify({ id, name, status, reason, answered: response?.status }));
}
