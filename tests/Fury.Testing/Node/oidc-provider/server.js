// An OpenID provider in memory: anybody may log in under any name, and is in the groups that the name itself says, as in "ann+payments+chess".
const { Provider } = require('oidc-provider');

const [port] = process.argv.slice(2);
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'fury-web',
      client_secret: 'a-secret-of-the-web',
      application_type: 'native', // So that any port of this machine may be come back to.
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      redirect_uris: ['http://127.0.0.1/auth/callback'],
    },
    {
      client_id: 'fury-cli',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: [deviceGrant],
      response_types: [],
      redirect_uris: [],
    },
  ],
  claims: { openid: ['sub', 'groups'] },
  conformIdTokenClaims: false,
  features: { deviceFlow: { enabled: true }, devInteractions: { enabled: true } },
  cookies: { keys: ['a key for tests'] },
  findAccount: async (_, id) => ({ accountId: id, claims: async () => ({ sub: id, groups: id.split('+').slice(1) }) }),
});

provider.listen(Number(port), '127.0.0.1');
