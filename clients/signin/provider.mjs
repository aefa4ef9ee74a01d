// An OpenID provider of a province, by a certified server library, at which users of the hub sign in.
//
//   HUB_URL       such as https://hub.example
//   NAME          of this provider in the hub's registry
//   PORT          to listen on, on this machine
//
// Its sign-in page takes any login and password; the login becomes the sub. It prints {"issuer": …} when it listens.

import Provider from 'oidc-provider'
import { exportJWK, generateKeyPair } from 'jose'

const { HUB_URL, NAME, PORT } = process.env
const issuer = `http://127.0.0.1:${PORT}`
const { privateKey } = await generateKeyPair('ES256', { extractable: true })

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'hub',
      redirect_uris: [`${HUB_URL}/login/provider/${NAME}/back`],
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      id_token_signed_response_alg: 'ES256',
      jwks_uri: `${HUB_URL}/oauth/jwks.json`,
    },
  ],
  jwks: { keys: [{ ...(await exportJWK(privateKey)), use: 'sig', alg: 'ES256', kid: 'province-1' }] },
  cookies: { keys: ['only for tests'] },
  scopes: ['openid', 'post'],
  claims: { openid: ['sub'], post: ['name', 'post', 'unit'] },
  conformIdTokenClaims: false,
  fetch: (address, { dispatcher, ...options }) => fetch(address, options), // its own reaches no loopback address
  ttl: { Session: 3600, Interaction: 600, Grant: 3600, IdToken: 300, AccessToken: 60, AuthorizationCode: 60 },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({ sub, name: '李华', post: 'street', unit: '七星区东江' }),
  }),
})

provider.listen(Number(PORT), '127.0.0.1', () => console.log(JSON.stringify({ issuer })))
