import { appArchive } from './app-archive.js';
import { accountOf, type AccessStore } from './access-store.js';
import { csrFor } from './signing-requests.js';

/** A well-formed request, to be made by whoever asks. */
export interface Asked {
  /** What stands in the path for `{name}`. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly body?: { readonly type: string; readonly bytes: Buffer };
}

export interface AccessLine {
  readonly route: string;
  /** The status for each, in the order of the columns. */
  readonly expected: string;
  readonly ask: (store: AccessStore) => Asked | Promise<Asked>;
}

function line(expected: string, route: string, ask: AccessLine['ask'] = () => ({})): AccessLine {
  return { route, expected, ask };
}

const reason = 'Because the table of access says so.';
const calendar = { appId: 'calendar' };
const zip = async (store: AccessStore): Promise<NonNullable<Asked['body']>> => ({
  type: 'application/zip',
  bytes: await appArchive({ version: store.newVersion() }),
});
const heldReview = async (store: AccessStore) => ({ id: (await store.newHeld()).review });
const theHeld = ({ held }: AccessStore) => ({ id: held.submission });
const theReview = ({ held }: AccessStore) => ({ id: held.review });
const request = async (store: AccessStore, more?: object) => ({ id: await store.newRequest(more) });
const declaredUrl = 'https://hooks.example/calendar';
const webhook = async (store: AccessStore) => ({ id: await store.newWebhook() });
const hook = { url: 'https://hooks.example/hook', topics: ['release.published'] };
const nothing: Asked = { json: {} };

/**
 * Who may do what, route by route. `owner` is whoever made the thing that is asked for, and owns its app `calendar`; `co-owner` owns
 * it too; `other` owns another app; `developer` none. `elsewhere` is a token of the owner that was made for another app of hers.
 *
 * A request is made by one after the other, of the same thing until somebody may do it, who then does: what was refused before has
 * changed nothing. The next asks about a new one. 404 in the place of 403 hides what is there.
 */
export const apiAccess: readonly AccessLine[] = [
  //  nobody developer other owner co-owner moderator administrator elsewhere

  // Uploading
  line('401 403 403 201 201 403 201 403', 'POST /api/v1/apps/{appId}/releases', async (store) => ({
    params: calendar,
    body: await zip(store),
  })),
  line('401 403 403 200 200 403 200 403', 'POST /api/v1/apps/{appId}/validations', async (store) => ({
    params: calendar,
    body: await zip(store),
  })),
  line('200 200 200 200 200 200 200 200', 'GET /api/v1/apps/{appId}/requirements', () => ({ params: calendar })),
  line('401 404 404 200 200 200 200 404', 'GET /api/v1/submissions/{id}', (store) => ({ params: theHeld(store) })),
  line('401 404 404 200 200 200 200 404', 'GET /api/v1/submissions/{id}/events', (store) => ({
    params: theHeld(store),
  })),
  // Of an app of others one sees one's own: none.
  line('401 200 200 200 200 200 200 403', 'GET /api/v1/apps/{appId}/submissions', () => ({ params: calendar })),
  // An administrator is no party to it, and so neither appeals nor answers.
  line('401 404 404 201 201 403 403 403', 'POST /api/v1/submissions/{id}/appeal', async (store) => ({
    params: { id: await store.newRefused() },
    json: { text: 'It was fine, look again.' },
  })),
  line('401 404 404 200 200 403 403 403', 'POST /api/v1/submissions/{id}/answer', async (store) => ({
    params: { id: (await store.newQuestion()).submission },
    json: { text: 'For tests.' },
  })),

  // Reviews
  line('401 403 403 403 403 200 200 403', 'GET /api/v1/reviews'),
  line('401 403 403 403 403 200 200 403', 'GET /api/v1/reviews/counts'),
  line('401 403 403 403 403 200 200 403', 'GET /api/v1/reviews/{id}', (store) => ({ params: theReview(store) })),
  line('401 403 403 403 403 200 200 403', 'GET /api/v1/reviews/{id}/difference', (store) => ({
    params: theReview(store),
  })),
  line('401 403 403 403 403 200 200 403', 'GET /api/v1/reviews/{id}/files/{path}', (store) => ({
    params: { ...theReview(store), path: 'appinfo/info.xml' },
  })),
  line('401 403 403 403 403 200 200 403', 'PUT /api/v1/reviews/{id}/claim', async (store) => ({
    params: await heldReview(store),
    json: {},
  })),
  line('401 403 403 403 403 200 200 403', 'DELETE /api/v1/reviews/{id}/claim', async (store) => ({
    params: await heldReview(store),
  })),
  line('401 403 403 403 403 200 200 403', 'POST /api/v1/reviews/{id}/verdict', async (store) => ({
    params: await heldReview(store),
    json: { verdict: 'accepted', reason },
  })),
  line('401 403 403 403 403 200 200 403', 'POST /api/v1/reviews/{id}/confirmation', async (store) => ({
    params: { id: await store.newProposal() },
    json: { reason },
  })),
  line('401 403 403 403 403 200 200 403', 'POST /api/v1/reviews/{id}/objection', async (store) => ({
    params: { id: await store.newProposal() },
    json: { reason },
  })),
  line('401 403 403 403 403 200 200 403', 'POST /api/v1/reviews/{id}/question', async (store) => ({
    params: await heldReview(store),
    json: { text: 'What is it for?' },
  })),
  line('401 403 403 403 403 201 201 403', 'POST /api/v1/reviews/{id}/notes', async (store) => ({
    params: await heldReview(store),
    json: { text: 'Looks odd.' },
  })),
  line('401 403 403 403 403 200 200 403', 'POST /api/v1/reviews/{id}/inspection', async (store) => ({
    params: await heldReview(store),
    json: { reason },
  })),
  line('200 200 200 200 200 200 200 200', 'GET /api/v1/reasons'),

  // ownCloud's market app
  line('200 200 200 200 200 200 200 200', 'GET /api/v1/platform/{version}/apps.json', () => ({
    params: { version: '10.15.0' },
  })),
  line('200 200 200 200 200 200 200 200', 'GET /api/v1/apps.json'),
  line('200 200 200 200 200 200 200 200', 'GET /api/v1/categories.json'),
  line('200 200 200 200 200 200 200 200', 'GET /api/v1/bundles.json'),
  line('201 201 201 201 201 201 201 201', 'POST /api/v1/apps/{appId}/reports', () => ({
    params: calendar,
    json: { category: 'broken', text: 'It does not start any more.' },
  })),

  // Apps
  line('401 403 403 403 403 200 200 403', 'PUT /api/v1/apps/{appId}/trust-level', async (store) => ({
    params: { appId: await store.newApp() },
    json: { trustLevel: 'approved', reason },
  })),
  line('401 403 403 403 403 200 200 403', 'PUT /api/v1/apps/{appId}/suspension', async (store) => ({
    params: { appId: await store.newApp() },
    json: { reason },
  })),
  line('401 403 403 403 403 200 200 403', 'DELETE /api/v1/apps/{appId}/suspension', async (store) => ({
    params: { appId: await store.newApp() },
    json: { reason },
  })),
  line('401 403 403 200 200 200 200 403', 'GET /api/v1/apps/{appId}/events', () => ({ params: calendar })),
  line('401 403 403 200 200 403 200 403', 'GET /api/v1/apps/{appId}/owners', () => ({ params: calendar })),
  line('401 403 403 200 200 403 200 403', 'PUT /api/v1/apps/{appId}/owners/{account}', async (store) => ({
    params: { ...calendar, account: await store.newAccount() },
    json: {},
  })),
  line('401 403 403 200 200 403 200 403', 'DELETE /api/v1/apps/{appId}/owners/{account}', () => ({
    params: { ...calendar, account: 'sue' },
  })),
  line('401 403 403 200 200 200 200 403', 'PUT /api/v1/apps/{appId}/releases/{version}/status', async (store) => ({
    params: { ...calendar, version: await store.newRelease() },
    json: { status: 'withdrawn', reason },
  })),
  line('401 403 403 403 403 200 200 403', 'PUT /api/v1/apps/{appId}/releases/{version}/status', async (store) => ({
    params: { ...calendar, version: await store.newRelease() },
    json: { status: 'quarantined', reason },
  })),

  // Oneself
  line('401 200 200 200 200 200 200 200', 'GET /api/v1/account'),
  line('401 200 200 200 200 200 200 403', 'GET /api/v1/account/notifications'),
  line('401 200 200 200 200 200 200 403', 'PUT /api/v1/account/notifications', () => ({
    json: { topics: { 'release.published': true } },
  })),
  line('401 200 200 200 200 200 200 200', 'GET /api/v1/tokens'),
  line('401 201 201 201 201 201 201 403', 'POST /api/v1/tokens', () => ({
    json: { scopes: ['upload'], label: 'test' },
  })),
  line('401 403 403 403 403 403 201 403', 'POST /api/v1/tokens', () => ({
    json: { scopes: ['upload'], account: 'max', label: 'of another' },
  })),
  line('401 404 404 204 404 404 204 404', 'DELETE /api/v1/tokens/{id}', async (store) => ({
    params: { id: await store.newToken() },
  })),

  // People
  line('401 403 403 403 403 200 200 403', 'GET /api/v1/accounts'),
  line('401 403 403 200 403 200 200 403', 'GET /api/v1/accounts/{name}', () => ({
    params: { name: accountOf.owner },
  })),
  line('401 403 403 403 403 403 200 403', 'PUT /api/v1/accounts/{name}/role', async (store) => ({
    params: { name: await store.newAccount() },
    json: { role: 'moderator', reason },
  })),
  line('401 403 403 200 403 403 200 403', 'PUT /api/v1/accounts/{name}/email', () => ({
    params: { name: accountOf.owner },
    json: { email: 'ada@example.org' },
  })),
  line('401 403 403 403 403 200 200 403', 'PUT /api/v1/accounts/{name}/suspension', async (store) => ({
    params: { name: await store.newAccount() },
    json: { reason },
  })),
  line('401 403 403 403 403 403 200 403', 'PUT /api/v1/accounts/{name}/suspension', async (store) => ({
    params: { name: await store.newModerator() },
    json: { reason },
  })),
  line('401 403 403 403 403 200 200 403', 'DELETE /api/v1/accounts/{name}/suspension', async (store) => ({
    params: { name: await store.newAccount() },
    json: { reason },
  })),

  // Invitations
  line('401 403 403 201 201 403 201 403', 'POST /api/v1/invitations', () => ({
    json: { kind: 'co-owner', ...calendar },
  })),
  line('401 403 403 201 201 403 201 403', 'POST /api/v1/invitations', () => ({
    json: { kind: 'transfer', ...calendar },
  })),
  line('401 403 403 403 403 201 201 403', 'POST /api/v1/invitations', () => ({
    json: { kind: 'account', role: 'developer' },
  })),
  line('401 403 403 403 403 403 201 403', 'POST /api/v1/invitations', () => ({
    json: { kind: 'account', role: 'moderator' },
  })),
  line('401 200 200 200 200 200 200 200', 'GET /api/v1/invitations'),
  line('401 404 404 204 204 404 204 404', 'DELETE /api/v1/invitations/{id}', async (store) => ({
    params: { id: (await store.newInvitation(null)).id },
  })),
  line('401 403 200 403 403 403 403 403', 'POST /api/v1/invitations/acceptance', async (store) => ({
    json: { secret: (await store.newInvitation(accountOf.other, await store.newApp())).secret },
  })),

  // The catalogue
  line('200 200 200 200 200 200 200 200', 'GET /api/v1/screenshots/{sha256}.webp', async (store) => ({
    params: { sha256: await store.shownImage() },
  })),
  ...[
    ['GET /api/v1/apps', {}],
    ['GET /api/v1/apps/{appId}', { params: calendar }],
    ['GET /api/v1/apps/{appId}/releases', { params: calendar }],
    ['GET /api/v1/apps/{appId}/releases/{version}', { params: { ...calendar, version: '1.0.0' } }],
    ['GET /api/v1/apps/{appId}/upgrade', { params: calendar, query: { from: '1.0.0', to: '1.1.0' } }],
    ['POST /api/v1/releases/status', { json: { releases: [{ app: 'calendar', version: '1.0.0' }] } }],
    ['GET /api/v1/apps/{appId}/releases/{version}/archive', { params: { ...calendar, version: '1.0.0' } }],
    [
      'GET /api/v1/apps/{appId}/releases/{version}/archive/{fileName}',
      { params: { ...calendar, version: '1.0.0', fileName: 'calendar-1.0.0.zip' } },
    ],
    ['GET /api/v1/apps/{appId}/releases/{version}/manifest', { params: { ...calendar, version: '1.0.0' } }],
    ['GET /api/v1/certificates', {}],
    ['GET /certificates/{name}.pem', { params: { name: 'root' } }],
    ['GET /crl/{name}.crl', { params: { name: 'developers' } }],
    ['GET /crl/{name}.pem', { params: { name: 'developers' } }],
    ['POST /ocsp', { body: { type: 'application/ocsp-request', bytes: Buffer.from('30023000', 'hex') } }],
    ['GET /ocsp/{request}', { params: { request: 'MAIwAA==' } }],
    ['GET /api/v1/audit/head', {}],
    ['GET /api/v1/rules', {}],
    ['GET /api/v1/limits', {}],
    ['GET /healthz', {}],
    ['GET /readyz', {}],
    ['GET /metrics', {}],
    ['GET /api/v1/changes', {}],
    ['GET /feeds/releases.json', {}],
    ['GET /feeds/releases.atom', {}],
  ].map(([route, asked]) => line('200 200 200 200 200 200 200 200', route as string, () => asked as Asked)),
  line('200 200 200 200 200 200 200 200', 'GET /api/v1/audit/{hash}', async ({ gate }) => {
    const { hash } = (await (await fetch(`${gate.url}/api/v1/audit/head`)).json()) as { hash: string };
    return { params: { hash } };
  }),
  line('200 200 200 200 200 200 200 200', 'GET /api/v1/certificates/{serial}', ({ serial }) => ({
    params: { serial },
  })),

  // Certificates
  line('401 403 403 201 201 403 201 403', 'POST /api/v1/apps/{appId}/signing-requests', async () => ({
    params: calendar,
    json: { csr: await csrFor('calendar') },
  })),
  line('401 200 200 200 200 200 200 403', 'GET /api/v1/apps/{appId}/signing-requests', () => ({ params: calendar })),
  line('401 403 403 403 403 200 200 403', 'GET /api/v1/signing-requests'),
  line('401 404 404 200 200 200 200 404', 'GET /api/v1/signing-requests/{id}', async (store) => ({
    params: await request(store),
  })),
  line('401 403 403 403 403 200 200 403', 'POST /api/v1/signing-requests/{id}/approval', async (store) => ({
    params: await request(store),
    json: { reason },
  })),
  line('401 403 403 403 403 200 200 403', 'POST /api/v1/signing-requests/{id}/question', async (store) => ({
    params: await request(store),
    json: { reason },
  })),
  line('401 404 404 200 403 403 403 404', 'POST /api/v1/signing-requests/{id}/answer', async (store) => ({
    params: { id: await store.newQuestionedRequest() },
    json: { text: 'It is mine.' },
  })),
  line('401 403 403 403 403 200 200 403', 'POST /api/v1/signing-requests/{id}/decline', async (store) => ({
    params: await request(store),
    json: { reason },
  })),
  line('401 404 404 200 403 403 403 404', 'POST /api/v1/signing-requests/{id}/withdrawal', async (store) => ({
    params: await request(store),
    ...nothing,
  })),
  line('401 404 404 201 403 403 403 404', 'POST /api/v1/signing-requests/{id}/challenge', async (store) => ({
    params: await request(store),
    json: { declaredUrl },
  })),
  line('401 404 404 200 403 200 200 404', 'POST /api/v1/signing-requests/{id}/challenge/check', async (store) => ({
    params: { id: await store.newChallenge() },
    ...nothing,
  })),
  line('401 403 403 200 200 200 200 403', 'GET /api/v1/certificates/{serial}/revocation', ({ serial }) => ({
    params: { serial },
  })),
  line('401 403 403 200 200 200 200 403', 'POST /api/v1/certificates/{serial}/revocation', async (store) => ({
    params: { serial: (await store.newSigner()).leaf.serial },
    json: { reason: 'superseded' },
  })),
  // The key says who may.
  line('200 200 200 200 200 200 200 200', 'POST /api/v1/revocations', async (store) => ({
    json: { cms: await store.newRevocation() },
  })),

  // The store
  line('401 403 403 403 403 200 200 403', 'GET /api/v1/audit'),
  line('401 403 403 403 403 200 200 403', 'GET /api/v1/audit/export'),
  line('401 403 403 403 403 403 200 403', 'PUT /api/v1/rules/{code}', () => ({
    params: { code: 'JUNK_FILES' },
    json: { mode: 'hold', reason },
  })),
  line('401 403 403 403 403 200 200 403', 'GET /api/v1/statistics'),

  // Webhooks: one's own, and nobody else's whoever asks.
  line('401 200 200 200 200 200 200 403', 'GET /api/v1/webhooks'),
  line('401 201 201 201 201 201 201 403', 'POST /api/v1/webhooks', () => ({ json: hook })),
  line('401 403 403 403 403 201 201 403', 'POST /api/v1/webhooks', () => ({
    json: { ...hook, topics: ['review.waiting'] },
  })),
  line('401 404 404 200 404 404 404 403', 'GET /api/v1/webhooks/{id}', async (store) => ({
    params: await webhook(store),
  })),
  line('401 404 404 200 404 404 404 403', 'PUT /api/v1/webhooks/{id}', async (store) => ({
    params: await webhook(store),
    json: { ...hook, enabled: true },
  })),
  line('401 404 404 200 404 404 404 403', 'POST /api/v1/webhooks/{id}/secret', async (store) => ({
    params: await webhook(store),
    ...nothing,
  })),
  line('401 404 404 202 404 404 404 403', 'POST /api/v1/webhooks/{id}/ping', async (store) => ({
    params: await webhook(store),
    ...nothing,
  })),
  line('401 404 404 200 404 404 404 403', 'GET /api/v1/webhooks/{id}/deliveries', async (store) => ({
    params: await webhook(store),
  })),
  line(
    '401 404 404 202 404 404 404 403',
    'POST /api/v1/webhooks/{id}/deliveries/{deliveryId}/replay',
    async (store) => ({ params: { ...(await store.newDelivery()) }, ...nothing }),
  ),
  line('401 404 404 204 404 404 404 403', 'DELETE /api/v1/webhooks/{id}', async (store) => ({
    params: await webhook(store),
  })),
];
