import { accountOf, type AccessStore } from './access-store.js';
import { csrFor } from './signing-requests.js';

/** A page or a form, as whoever asks sends it. */
export interface AskedPage {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
  /** The app whose archive is uploaded with the form. */
  readonly upload?: string;
  /** In a browser of its own: signing out, say, ends the session. */
  readonly isLast?: true;
}

export interface PageLine {
  readonly page: string;
  readonly expected: string;
  readonly ask: (store: AccessStore) => AskedPage | Promise<AskedPage>;
}

function line(expected: string, page: string, ask: PageLine['ask'] = () => ({})): PageLine {
  return { page, expected, ask };
}

const reason = 'Because the table of access says so.';
const calendar = { appId: 'calendar' };
const theReview = ({ held }: AccessStore) => ({ id: held.review });
const heldReview = async (store: AccessStore) => ({ id: (await store.newHeld()).review });
const name = accountOf.owner;
const hook = { url: 'https://hooks.example/hook', topic: 'release.published' };
const password = 'nine quiet herons wading';

/**
 * Who sees which page and may send which form: as in the table of routes, in a browser that is signed in. 303 leads on from a form
 * that was accepted, and from a page for which one must sign in first.
 */
export const pageAccess: readonly PageLine[] = [
  //  nobody developer other owner co-owner moderator administrator

  // Coming in
  line('303 303 303 303 303 303 303', 'GET /console'),
  line('200 303 303 303 303 303 303', 'GET /console/sign-in'),
  line('303 303 303 303 303 303 303', 'POST /console/sign-in', async (store) => ({
    form: { name: await store.newPerson(password), password },
    isLast: true,
  })),
  line('303 303 303 303 303 303 303', 'GET /console/sign-in/code'),
  line('303 303 303 303 303 303 303', 'POST /console/sign-in/code', () => ({ form: { code: '123456', pending: 'x' } })),
  line('200 200 200 200 200 200 200', 'GET /console/sign-in/token'),
  line('303 303 303 303 303 303 303', 'POST /console/sign-in/token', async (store) => ({
    form: { token: await store.gate.token(null, { account: store.newName('new'), scopes: ['upload', 'manage'] }) },
    isLast: true,
  })),
  // There is no sign-in that waits for a code; and no provider.
  line('404 404 404 404 404 404 404', 'GET /console/sign-in/openid/begin'),
  line('401 401 401 401 401 401 401', 'GET /console/sign-in/openid'),
  line('401 404 404 404 404 404 404', 'POST /console/account/identities/link'),
  line('401 404 404 404 404 404 404', 'POST /console/account/identities/unlink', () => ({
    form: { issuer: 'https://id.example', subject: 'x' },
  })),
  line('200 200 200 200 200 200 200', 'GET /console/password-reset'),
  line('200 200 200 200 200 200 200', 'POST /console/password-reset', () => ({ form: { nameOrEmail: 'max' } })),
  line('303 303 303 303 303 303 303', 'POST /console/sign-out', () => ({ isLast: true })),

  // Invitations: who has the link may read it.
  line('200 200 200 200 200 200 200', 'GET /console/invitations/{secret}', async (store) => ({
    params: { secret: (await store.newInvitation(null, await store.newApp())).secret },
  })),
  line('401 403 303 403 403 403 403', 'POST /console/invitations/{secret}/accept', async (store) => ({
    params: { secret: (await store.newInvitation(accountOf.other, await store.newApp())).secret },
  })),
  line('303 303 303 303 303 303 303', 'POST /console/invitations/{secret}/account', async (store) => ({
    params: { secret: (await store.newWelcome()).secret },
    form: { name: store.newName('new'), password },
    isLast: true,
  })),
  // Of a link that is none to a new password.
  line('400 400 400 400 400 400 400', 'POST /console/invitations/{secret}/password', async (store) => ({
    params: { secret: (await store.newWelcome()).secret },
    form: { password },
  })),
  line('303 303 303 303 303 303 303', 'POST /console/invitations/{secret}/decline', async (store) => ({
    params: { secret: (await store.newWelcome()).secret },
  })),

  // Oneself
  line('303 200 200 200 200 200 200', 'GET /console/account'),
  line('401 303 303 303 303 303 303', 'POST /console/account/email', () => ({
    form: { email: 'somebody@example.org' },
  })),
  line('401 303 303 303 303 303 303', 'POST /console/account/sessions/end'),
  line('401 303 303 303 303 303 303', 'POST /console/account/password', () => ({ form: { next: password } })),
  line('303 200 200 200 200 200 200', 'GET /console/account/second-factor'),
  line('401 200 200 200 200 200 200', 'POST /console/account/second-factor/begin', () => ({ form: { password } })),
  line('401 401 401 401 401 401 401', 'POST /console/account/second-factor/confirm', () => ({
    form: { code: 'no code' },
  })),
  line('401 400 400 400 400 400 400', 'POST /console/account/second-factor/remove', () => ({
    form: { code: 'no code' },
  })),
  line('401 400 400 400 400 400 400', 'POST /console/account/password/remove', () => ({ form: { current: password } })),

  // What the gate says
  line('200 200 200 200 200 200 200', 'GET /console/findings'),
  line('200 200 200 200 200 200 200', 'GET /console/findings/{code}', () => ({ params: { code: 'INVALID_HASH' } })),

  // Reviews
  line('303 403 403 403 403 200 200', 'GET /console/queue'),
  line('401 403 403 403 403 303 303', 'POST /console/queue/next'),
  line('303 403 403 403 403 200 200', 'GET /console/reviews/{id}', (store) => ({ params: theReview(store) })),
  line('303 403 403 403 403 200 200', 'GET /console/reviews/{id}/events', (store) => ({ params: theReview(store) })),
  line('303 403 403 403 403 200 200', 'GET /console/reviews/{id}/difference', (store) => ({
    params: theReview(store),
  })),
  line('303 403 403 403 403 200 200', 'GET /console/reviews/{id}/files', (store) => ({ params: theReview(store) })),
  line('303 403 403 403 403 200 200', 'GET /console/reviews/{id}/files/download', (store) => ({
    params: theReview(store),
    query: { path: 'appinfo/info.xml' },
  })),
  line('401 403 403 403 403 303 303', 'POST /console/reviews/{id}/claim', async (store) => ({
    params: await heldReview(store),
  })),
  line('401 403 403 403 403 403 303', 'POST /console/reviews/{id}/take-over', async (store) => ({
    params: await heldReview(store),
  })),
  line('401 403 403 403 403 303 303', 'POST /console/reviews/{id}/let-go', async (store) => ({
    params: await heldReview(store),
  })),
  line('401 403 403 403 403 303 303', 'POST /console/reviews/{id}/verdicts/{verdict}', async (store) => ({
    params: { ...(await heldReview(store)), verdict: 'refused' },
    form: { reason },
  })),
  line('401 403 403 403 403 303 303', 'POST /console/reviews/{id}/confirmation', async (store) => ({
    params: { id: await store.newProposal() },
    form: { reason },
  })),
  line('401 403 403 403 403 303 303', 'POST /console/reviews/{id}/objection', async (store) => ({
    params: { id: await store.newProposal() },
    form: { reason },
  })),
  line('401 403 403 403 403 303 303', 'POST /console/reviews/{id}/question', async (store) => ({
    params: await heldReview(store),
    form: { text: 'What is it for?' },
  })),
  line('401 403 403 403 403 303 303', 'POST /console/reviews/{id}/inspection', async (store) => ({
    params: await heldReview(store),
    form: { reason },
  })),
  line('401 403 403 403 403 303 303', 'POST /console/reviews/{id}/notes', async (store) => ({
    params: await heldReview(store),
    form: { text: 'Looks odd.' },
  })),

  // Apps
  line('303 403 403 403 403 200 200', 'GET /console/store/apps'),
  line('303 403 403 403 403 200 200', 'GET /console/store/apps/{appId}', () => ({ params: calendar })),
  line('401 403 403 403 403 303 303', 'POST /console/store/apps/{appId}/trust-level', async (store) => ({
    params: { appId: await store.newApp() },
    form: { trustLevel: 'approved', reason },
  })),
  line('401 403 403 403 403 303 303', 'POST /console/store/apps/{appId}/suspension', async (store) => ({
    params: { appId: await store.newApp() },
    form: { reason },
  })),
  line('401 403 403 403 403 303 303', 'POST /console/store/apps/{appId}/reinstatement', async (store) => ({
    params: { appId: await store.newApp() },
    form: { reason },
  })),
  line('401 403 403 403 403 303 303', 'POST /console/store/apps/{appId}/releases', async (store) => ({
    params: calendar,
    form: { version: await store.newRelease(), status: 'quarantined', reason },
  })),

  // People
  line('303 403 403 403 403 200 200', 'GET /console/people'),
  line('401 403 403 403 403 200 200', 'POST /console/people/invitations', (store) => ({
    form: { name: store.newName('new'), role: 'developer' },
  })),
  line('401 403 403 403 403 403 200', 'POST /console/people/invitations', (store) => ({
    form: { name: store.newName('new'), role: 'moderator' },
  })),
  line('401 403 403 403 403 404 303', 'POST /console/people/invitations/{id}/revocation', async (store) => ({
    params: { id: (await store.newWelcome()).id },
  })),
  line('303 403 403 403 403 200 200', 'GET /console/people/{name}', () => ({ params: { name } })),
  line('401 403 403 403 403 403 303', 'POST /console/people/{name}/role', async (store) => ({
    params: { name: await store.newAccount() },
    form: { role: 'moderator', reason },
  })),
  line('401 403 403 403 403 303 303', 'POST /console/people/{name}/suspension', async (store) => ({
    params: { name: await store.newAccount() },
    form: { reason },
  })),
  line('401 403 403 403 403 403 303', 'POST /console/people/{name}/suspension', async (store) => ({
    params: { name: await store.newModerator() },
    form: { reason },
  })),
  line('401 403 403 403 403 303 303', 'POST /console/people/{name}/reinstatement', async (store) => ({
    params: { name: await store.newAccount() },
    form: { reason },
  })),
  line('401 403 403 403 403 403 303', 'POST /console/people/{name}/tokens/{id}/revocation', async (store) => ({
    params: { name, id: await store.newToken() },
  })),

  // Certificates, rules, the log
  line('303 403 403 403 403 200 200', 'GET /console/store/certificates'),
  line('303 403 403 403 403 200 200', 'GET /console/store/certificates/{serial}', ({ serial }) => ({
    params: { serial },
  })),
  line('303 403 403 403 403 200 200', 'GET /console/store/certificates/{serial}/revocation', ({ serial }) => ({
    params: { serial },
  })),
  line('401 403 403 403 403 303 303', 'POST /console/store/certificates/{serial}/revocation', async (store) => ({
    params: { serial: (await store.newSigner()).leaf.serial },
    form: { reason: 'superseded', note: reason },
  })),
  line('303 403 403 403 403 200 200', 'GET /console/rules'),
  line('303 403 403 403 403 200 200', 'GET /console/rules/{code}', () => ({ params: { code: 'JUNK_FILES' } })),
  line('401 403 403 403 403 403 303', 'POST /console/rules/{code}', () => ({
    params: { code: 'JUNK_FILES' },
    form: { mode: 'hold', reason },
  })),
  line('303 403 403 403 403 200 200', 'GET /console/audit'),
  line('401 403 403 403 403 200 200', 'POST /console/audit/verification'),
  line('303 403 403 403 403 200 200', 'GET /console/audit/export'),
  line('303 403 403 403 403 200 200', 'GET /console/statistics'),

  // What everybody may know of an app
  line('200 200 200 200 200 200 200', 'GET /console/apps'),
  line('200 200 200 200 200 200 200', 'GET /console/apps/{appId}', () => ({ params: calendar })),
  line('200 200 200 200 200 200 200', 'GET /console/apps/{appId}/report', () => ({ params: calendar })),
  line('200 200 200 200 200 200 200', 'POST /console/apps/{appId}/report', async (store) => {
    await store.forgetAttempts();
    return { params: calendar, form: { category: 'broken', text: 'It does not start any more.' } };
  }),

  // One's own apps
  line('303 200 200 200 200 200 200', 'GET /console/my/apps'),
  line('401 303 303 303 303 303 303', 'POST /console/my/apps', (store) => ({ upload: store.newName('fresh') })),
  line('303 403 403 200 200 403 200', 'GET /console/my/apps/{appId}', () => ({ params: calendar })),
  line('303 403 403 200 200 403 200', 'GET /console/my/apps/{appId}/upload', () => ({ params: calendar })),
  line('401 403 403 303 303 403 303', 'POST /console/my/apps/{appId}/upload', () => ({
    params: calendar,
    upload: 'calendar',
  })),
  line('303 403 403 200 200 403 200', 'GET /console/my/apps/{appId}/releases/{version}/withdrawal', () => ({
    params: { ...calendar, version: '1.0.0' },
  })),
  line('401 403 403 303 303 303 303', 'POST /console/my/apps/{appId}/releases/{version}/withdrawal', async (store) => ({
    params: { ...calendar, version: await store.newRelease() },
    form: { reason },
  })),
  line('401 403 403 200 200 403 200', 'POST /console/my/apps/{appId}/co-owners', () => ({
    params: calendar,
    form: { account: 'max' },
  })),
  line('401 403 403 200 200 403 200', 'POST /console/my/apps/{appId}/transfer', () => ({
    params: calendar,
    form: { account: 'max' },
  })),
  line('401 404 404 303 303 404 303', 'POST /console/my/apps/{appId}/invitations/{id}/revocation', async (store) => ({
    params: { ...calendar, id: (await store.newInvitation(null)).id },
  })),
  line('401 403 403 303 303 403 303', 'POST /console/my/apps/{appId}/owners/{name}/removal', async (store) => ({
    params: { ...calendar, name: await store.newCoOwner() },
  })),

  // One's own submissions
  line('303 404 404 200 200 200 200', 'GET /console/submissions/{id}', ({ held }) => ({
    params: { id: held.submission },
  })),
  line('303 404 404 200 200 200 200', 'GET /console/submissions/{id}/events', ({ held }) => ({
    params: { id: held.submission },
  })),
  line('401 404 404 303 303 403 403', 'POST /console/submissions/{id}/appeal', async (store) => ({
    params: { id: await store.newRefused() },
    form: { text: 'It was fine, look again.' },
  })),
  line('401 404 404 303 303 403 403', 'POST /console/submissions/{id}/answer', async (store) => ({
    params: { id: (await store.newQuestion()).submission },
    form: { text: 'For tests.' },
  })),

  // One's own tokens, certificates, notifications
  line('303 200 200 200 200 200 200', 'GET /console/tokens'),
  line('401 200 200 200 200 200 200', 'POST /console/tokens', () => ({
    form: { label: 'test', scopes: 'upload', apps: '', lifetime: '30' },
  })),
  line('401 404 404 303 404 404 303', 'POST /console/tokens/{id}/revocation', async (store) => ({
    params: { id: await store.newToken() },
  })),
  line('303 200 200 200 200 200 200', 'GET /console/my/certificates'),
  // Whose app it is can be mended in the form: it is shown again.
  line('401 400 400 303 303 400 303', 'POST /console/my/certificates', async () => ({
    form: { ...calendar, csr: await csrFor('calendar'), purpose: '' },
  })),
  line('303 404 404 200 200 200 200', 'GET /console/my/certificates/requests/{id}', async (store) => ({
    params: { id: await store.newRequest() },
  })),
  line('401 404 404 303 403 403 403', 'POST /console/my/certificates/requests/{id}/answer', async (store) => ({
    params: { id: await store.newQuestionedRequest() },
    form: { text: 'It is mine.' },
  })),
  line('401 404 404 303 403 403 403', 'POST /console/my/certificates/requests/{id}/withdrawal', async (store) => ({
    params: { id: await store.newRequest() },
  })),
  ...['', '/bundle', '/leaf', '/chain'].map((rest) =>
    line('303 403 403 200 200 200 200', `GET /console/my/certificates/{serial}${rest}`, ({ serial }) => ({
      params: { serial },
    })),
  ),
  line('303 403 403 200 200 200 200', 'GET /console/my/certificates/{serial}/revocation', ({ serial }) => ({
    params: { serial },
  })),
  line('401 403 403 303 303 303 303', 'POST /console/my/certificates/{serial}/revocation', async (store) => ({
    params: { serial: (await store.newSigner()).leaf.serial },
    form: { reason: 'superseded', note: reason },
  })),
  line('303 200 200 200 200 200 200', 'GET /console/notifications'),
  line('401 303 303 303 303 303 303', 'POST /console/notifications/mail', () => ({
    form: { topic: 'release.published' },
  })),
  line('401 200 200 200 200 200 200', 'POST /console/notifications/webhooks', () => ({ form: hook })),
  line('303 404 404 200 404 404 404', 'GET /console/notifications/webhooks/{id}', async (store) => ({
    params: { id: await store.newWebhook() },
  })),
  line('401 404 404 303 404 404 404', 'POST /console/notifications/webhooks/{id}/change', async (store) => ({
    params: { id: await store.newWebhook() },
    form: hook,
  })),
  line('401 404 404 303 404 404 404', 'POST /console/notifications/webhooks/{id}/ping', async (store) => ({
    params: { id: await store.newWebhook() },
  })),
  line('401 404 404 303 404 404 404', 'POST /console/notifications/webhooks/{id}/on', async (store) => ({
    params: { id: await store.newWebhook() },
  })),
  line('401 404 404 303 404 404 404', 'POST /console/notifications/webhooks/{id}/off', async (store) => ({
    params: { id: await store.newWebhook() },
  })),
  line('401 404 404 200 404 404 404', 'POST /console/notifications/webhooks/{id}/secret', async (store) => ({
    params: { id: await store.newWebhook() },
  })),
  line(
    '401 404 404 303 404 404 404',
    'POST /console/notifications/webhooks/{id}/deliveries/{delivery}/replay',
    async (store) => {
      const { id, deliveryId } = await store.newDelivery();
      return { params: { id, delivery: deliveryId } };
    },
  ),
  line('401 404 404 303 404 404 404', 'POST /console/notifications/webhooks/{id}/removal', async (store) => ({
    params: { id: await store.newWebhook() },
  })),
  // An administrator who is no owner leaves nothing.
  // Leaves the co-owner with nothing, so it comes last.
  line('401 403 403 303 303 403 303', 'POST /console/my/apps/{appId}/leave', () => ({ params: calendar })),
];
