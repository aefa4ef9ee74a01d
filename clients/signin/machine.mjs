// A system without users: a token bound to a key (RFC 9449), a question, and the token given back (RFC 7662, 7009).
//
//   HUB_URL       such as https://hub.example
//   CLIENT_ID     as registered, with the public half of CLIENT_KEY, a private JWK

import * as client from 'openid-client'
import { importJWK } from 'jose'

const { HUB_URL, CLIENT_ID, CLIENT_KEY } = process.env
const jwk = JSON.parse(CLIENT_KEY)
const hub = new URL(HUB_URL)
const proof = client.PrivateKeyJwt({ key: await importJWK(jwk, 'ES256'), kid: jwk.kid })
const config = await client.discovery(hub, CLIENT_ID, {}, proof, {
  algorithm: 'oauth2',
  execute: hub.protocol === 'http:' ? [client.allowInsecureRequests] : [], // on this machine only
})

// The library asks again by itself where the hub wants a nonce in the proof.
const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
const tokens = await client.clientCredentialsGrant(config, {}, { DPoP })
const headers = new Headers({ 'content-type': 'application/json' })
const body = JSON.stringify({ query: '{ viewer { role } }' })
const address = new URL('/graphql', hub)

async function ask() {
  const { access_token: token } = tokens
  return client.fetchProtectedResource(config, token, address, 'POST', body, headers, { DPoP })
}

const answers = [await (await ask()).json(), await (await ask()).json()]
const before = await client.tokenIntrospection(config, tokens.access_token)
await client.tokenRevocation(config, tokens.access_token)
const after = await client.tokenIntrospection(config, tokens.access_token)
console.log(
  JSON.stringify({
    type: tokens.token_type,
    roles: answers.map((answer) => answer.data.viewer.role),
    bound: before.cnf?.jkt !== undefined,
    active: [before.active, after.active],
  }),
)
