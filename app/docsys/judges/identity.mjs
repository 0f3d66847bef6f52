// An identity provider for the tests: node identity.mjs. It prints its issuer, and reads
// lines: "revoke" ends every log-in that it has given, and is answered with "revoked".
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const { Provider } = await import(pathToFileURL(`${process.env.KYSO_JUDGES}/node_modules/oidc-provider/lib/index.js`).href)
const web = createServer().listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${web.address().port}`
  const grants = new Set()
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'kyso-desktop', application_type: 'native', token_endpoint_auth_method: 'none', redirect_uris: ['http://127.0.0.1/dang-nhap'],
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'], response_types: ['code'],
    }],
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    features: { deviceFlow: { enabled: true }, revocation: { enabled: true }, devInteractions: { enabled: true } },
    rotateRefreshToken: true,
    pkce: { required: () => true },
  })
  provider.on('grant.success', (ctx) => { if (ctx.oidc.entities.Grant) grants.add(ctx.oidc.entities.Grant.jti) })
  web.on('request', provider.callback())
  createInterface({ input: process.stdin }).on('line', async () => {
    for (const id of grants) {
      const grant = await provider.Grant.find(id)
      await provider.RefreshToken.revokeByGrantId(id)
      if (grant) await grant.destroy()
    }
    console.log('revoked')
  })
  console.log(issuer)
})
