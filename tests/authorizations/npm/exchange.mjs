// A whole exchange as openid-client plays it, strictly: it prints where the browser goes, reads
// where the browser came back, and prints what it got. Settings come from the environment.
import { createInterface } from 'node:readline/promises'
import * as client from 'openid-client'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, PUSHED, BOUND } = process.env
const say = (words) => console.log(JSON.stringify(words))
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

const auth = CLIENT_SECRET ? client.ClientSecretBasic(CLIENT_SECRET) : client.None()
const config = await client.discovery(
  new URL(ISSUER),
  CLIENT_ID,
  { use_mtls_endpoint_aliases: false },
  auth,
  { algorithm: 'oauth2', execute: [client.allowInsecureRequests] },
)
const key = await client.randomDPoPKeyPair('ES256')
const DPoP = BOUND ? client.getDPoPHandle(config, key) : undefined

const pkceCodeVerifier = client.randomPKCECodeVerifier()
const expectedState = client.randomState()
const asked = {
  redirect_uri: REDIRECT_URI,
  scope: 'read_only trade',
  state: expectedState,
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: 'S256',
}
const url = PUSHED
  ? await client.buildAuthorizationUrlWithPAR(config, asked, { DPoP })
  : client.buildAuthorizationUrl(config, asked)
say({ url: url.href })

const back = new URL((await lines.next()).value)
const checks = { pkceCodeVerifier, expectedState }
const first = await client.authorizationCodeGrant(config, back, checks, undefined, { DPoP })
const second = await client.refreshTokenGrant(config, first.refresh_token, undefined, { DPoP })
const balance = await client.fetchProtectedResource(
  config,
  second.access_token,
  new URL('/api/v5/account/balance', ISSUER),
  'GET',
  undefined,
  undefined,
  { DPoP },
)
const told = CLIENT_SECRET ? await client.tokenIntrospection(config, second.access_token) : null
await client.tokenRevocation(config, second.access_token)
say({
  first: { type: first.token_type, scope: first.scope, expires_in: first.expires_in },
  type: second.token_type,
  changed: second.access_token !== first.access_token,
  balance: [balance.status, (await balance.json()).code],
  told: told && { active: told.active, bound: Boolean(told.cnf?.jkt), type: told.token_type },
  details: told ? [second.authorization_details, told.authorization_details] : null,
  gone: CLIENT_SECRET ? (await client.tokenIntrospection(config, second.access_token)).active : null,
})
process.exit(0)
