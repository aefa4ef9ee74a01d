// Every flow of the hub, step by step, by a certified library that hides none of them (RFC 6749, 7009, 7523, 7636,
// 7662, 8414, 9126, 9207, 9449): a system's own token, then a user's, with proofs and nonces.
//
//   HUB_URL       such as https://hub.example
//   CLIENT_ID     as registered, with REDIRECT_URI and the public half of CLIENT_KEY, a private JWK
//
// It prints {"open": …} for the browser and reads the address the browser came back to from its input.

import { createInterface } from 'node:readline/promises'
import { stdin } from 'node:process'
import { importJWK } from 'jose'
import * as oauth from 'oauth4webapi'

const { HUB_URL, CLIENT_ID, CLIENT_KEY, REDIRECT_URI, SCOPE = 'station.rs' } = process.env
const say = (line) => console.log(JSON.stringify(line))
const hub = new URL(HUB_URL)
const insecure = { [oauth.allowInsecureRequests]: hub.protocol === 'http:' } // on this machine only

const found = await oauth.discoveryRequest(hub, { algorithm: 'oauth2', ...insecure })
const as = await oauth.processDiscoveryResponse(hub, found)
const client = { client_id: CLIENT_ID }
const jwk = JSON.parse(CLIENT_KEY)
const proof = oauth.PrivateKeyJwt({ key: await importJWK(jwk, 'ES256'), kid: jwk.kid })
const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
const options = { DPoP, ...insecure }

/** Ask once more where the hub wants its nonce in the proof; how often that was is counted. */
let nonces = 0
async function withNonce(ask, read) {
  try {
    return await read(await ask())
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error
    nonces += 1
    return read(await ask())
  }
}

async function viewer({ access_token: token }) {
  const headers = new Headers({ 'content-type': 'application/json' })
  const body = JSON.stringify({ query: '{ viewer { role } }' })
  const address = new URL('/graphql', hub)
  const ask = () => oauth.protectedResourceRequest(token, 'POST', address, headers, body, options)
  return withNonce(ask, async (answer) => (await answer.json()).data.viewer.role)
}

async function active(token) {
  const answer = await oauth.introspectionRequest(as, client, proof, token, insecure)
  return (await oauth.processIntrospectionResponse(as, client, answer)).active
}

async function giveBack(token) {
  await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, proof, token, insecure))
}

// A token of the system's own.
const own = await withNonce(
  () => oauth.clientCredentialsGrantRequest(as, client, proof, {}, options),
  (answer) => oauth.processClientCredentialsResponse(as, client, answer),
)
const system = { type: own.token_type, role: await viewer(own), active: [await active(own.access_token)] }
await giveBack(own.access_token)
system.active.push(await active(own.access_token))

// A user's.
const verifier = oauth.generateRandomCodeVerifier()
const state = oauth.generateRandomState()
const asked = new URLSearchParams({
  response_type: 'code',
  redirect_uri: REDIRECT_URI,
  scope: SCOPE,
  state,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
})
const pushed = await withNonce(
  () => oauth.pushedAuthorizationRequest(as, client, proof, asked, options),
  (answer) => oauth.processPushedAuthorizationResponse(as, client, answer),
)
const open = new URL(as.authorization_endpoint)
open.search = new URLSearchParams({ client_id: CLIENT_ID, request_uri: pushed.request_uri })
say({ open })
const { value: back } = await createInterface({ input: stdin })[Symbol.asyncIterator]().next()
const answered = oauth.validateAuthResponse(as, client, new URL(back), state) // iss too
const tokens = await withNonce(
  () => oauth.authorizationCodeGrantRequest(as, client, proof, answered, REDIRECT_URI, verifier, options),
  (answer) => oauth.processAuthorizationCodeResponse(as, client, answer),
)
const again = await withNonce(
  () => oauth.refreshTokenGrantRequest(as, client, proof, tokens.refresh_token, options),
  (answer) => oauth.processRefreshTokenResponse(as, client, answer),
)
const user = { type: again.token_type, role: await viewer(again), active: [await active(again.access_token)] }
await giveBack(tokens.refresh_token)
user.active.push(await active(again.access_token))
say({ system, user, nonces: nonces > 0 })
