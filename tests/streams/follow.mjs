// Follows the hub by the client of CLIENT, graphql-ws or graphql-sse, as a portal would: one JSON object a line.
//
// Behind COUNT events it says so and ends. A reconnecting client sends the same request again, so keeping its
// variables at the last position is all there is to going on where it was.
import { createClient as sse } from 'graphql-sse';
import { createClient as ws } from 'graphql-ws';
import WebSocket from 'ws';

const { CLIENT, FOLLOW_URL: url, FOLLOW_TOKEN: token, QUERY: query, COUNT = '1' } = process.env;
const say = (said) => console.log(JSON.stringify(said));

// A client asks for its token at every connection, since one ends with it.
const authorization = async () => `Bearer ${token}`;
const client =
  CLIENT === 'graphql-ws'
    ? ws({
        url: url.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        connectionParams: async () => ({ Authorization: await authorization() }),
        retryAttempts: 50,
        shouldRetry: () => true,
        retryWait: () => new Promise((resolve) => setTimeout(resolve, 100)),
        on: { closed: ({ code, reason }) => say({ closed: code, reason }) },
      })
    : sse({
        url,
        headers: async () => ({ Authorization: await authorization() }),
        retryAttempts: 50,
        retry: () => new Promise((resolve) => setTimeout(resolve, 100)),
      });

let left = Number(COUNT);
const request = { query, variables: {} };
const stop = client.subscribe(request, {
  next({ data, errors }) {
    say({ data, errors });
    const [event] = Object.values(data ?? {});
    if (event?.position) request.variables.after = event.position;
    if (event && --left === 0) {
      stop();
      client.dispose();
    }
  },
  error: (error) => {
    say({ error: Array.isArray(error) ? error : { message: error?.message, code: error?.code, reason: error?.reason } });
    client.dispose();
  },
  complete: () => {
    say({ complete: true });
    client.dispose();
  },
});
