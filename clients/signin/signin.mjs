// A portal whose user signs in at the hub: pushed request, code, refresh (RFC 9126, 6749, 7636, 9207).
//
//   HUB_URL       such as https://hub.example
//   CLIENT_ID     as registered, with REDIRECT_URI
//   CLIENT_KEY    private JWK of the portal; without, it is a public client
//
// It prints {"open": …} for the browser and reads the address the browser came back to from its input.

import { createInterface } from 'node:readline/promises'
import { stdin } from 'node:process'
import * as client from 'openid-client'
import { importJWK } from 'jose'

const { HUB_URL, CLIENT_ID, CLIENT_KEY, REDIRECT_URI, SCOPE = 'station.rs' } = process.env
const say = (line) => console.log(JSON.stringify(line))

async function authentication() {
  if (!CLIENT_KEY) return client.None()
  const jwk = JSON.parse(CLIENT_KEY)
  return client.PrivateKeyJwt({ key: await importJWK(jwk, 'ES256'), kid: jwk.kid })
}

const hub = new URL(HUB_URL)
const config = await client.discovery(hub, CLIENT_ID, {}, await authentication(), {
  algorithm: 'oauth2',
  execute: hub.protocol === 'http:' ? [client.allowInsecureRequests] : [], // on this machine only
})

const verifier = client.randomPKCECodeVerifier()
const state = client.randomState()
const open = await client.buildAuthorizationUrlWithPAR(config, {
  redirect_uri: REDIRECT_URI,
  scope: SCOPE,
  state,
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
})
say({ open })

const { value: back } = await createInterface({ input: stdin })[Symbol.asyncIterator]().next()
const tokens = await client.authorizationCodeGrant(config, new URL(back), {
  pkceCodeVerifier: verifier,
  expectedState: state,
})
const again = await client.refreshTokenGrant(config, tokens.refresh_token)
say({
  scope: tokens.scope,
  seconds: again.expires_in,
  turned: again.refresh_token !== undefined && again.refresh_token !== tokens.refresh_token,
  token: again.access_token,
})
