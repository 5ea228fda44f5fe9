import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration } from 'oidc-provider';

export const CLIENT_ID = 'portcullis';
export const CLIENT_SECRET = 'a-secret-between-the-gate-and-its-provider';

/** Somebody the provider knows. */
export interface ProviderPerson {
  readonly sub: string;
  readonly preferred_username?: string;
  readonly name?: string;
  readonly email?: string;
  readonly email_verified?: boolean;
}

/** A real OpenID Connect provider on this machine, where whoever is told signs in without a page. */
export interface TestProvider {
  readonly issuer: string;
  /** Whoever the next sign-ins there are of; null: they refuse. */
  person: ProviderPerson | null;
  /**
   * Goes where the gate sent a browser, and on as the provider says.
   *
   * @returns the address at the gate that the browser ends up at
   */
  visit(location: string): Promise<URL>;
  stop(): Promise<void>;
}

/** Starts a provider that knows one client, which comes back to `redirectUri`. */
export async function startOpenIdProvider(redirectUri: string): Promise<TestProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const people = new Map<string, ProviderPerson>();
  const provider = new Provider(issuer, configurationOf(redirectUri, people));
  // It writes to the console what it thinks of http.
  provider.on('server_error', () => {});
  const toProvider = provider.callback();
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/') !== true) {
      void toProvider(request, response);
      return;
    }
    const { person } = started;
    if (person !== null) people.set(person.sub, person);
    const result =
      person === null
        ? { error: 'access_denied', error_description: '<script>alert(1)</script>' }
        : { login: { accountId: person.sub } };
    void provider.interactionFinished(request, response, result);
  });
  const started: TestProvider = {
    issuer,
    person: null,
    async visit(location) {
      const cookies = new Map<string, string>();
      let url = new URL(location);
      for (let steps = 0; !url.href.startsWith(redirectUri); steps += 1) {
        if (steps === 10) throw new Error('The provider sends the browser round and round');
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
        for (const line of response.headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          cookies.set(name, value);
        }
        const next = response.headers.get('location');
        if (next === null) throw new Error(`The provider answered ${response.status}: ${await response.text()}`);
        url = new URL(next, url);
      }
      return url;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return started;
}

function configurationOf(redirectUri: string, people: ReadonlyMap<string, ProviderPerson>): Configuration {
  return {
    clients: [{ client_id: CLIENT_ID, client_secret: CLIENT_SECRET, redirect_uris: [redirectUri] }],
    cookies: { keys: ['a key of the tests'] },
    claims: { openid: ['sub'], profile: ['preferred_username', 'name'], email: ['email', 'email_verified'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ ...people.get(sub), sub }) }),
    pkce: { required: () => true },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    async loadExistingGrant({ oidc }) {
      const accountId = oidc.session?.accountId;
      const grant = new oidc.provider.Grant({ clientId: CLIENT_ID, ...(accountId !== undefined && { accountId }) });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
  };
}
