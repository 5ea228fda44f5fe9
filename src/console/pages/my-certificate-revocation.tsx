import type { JSX } from 'preact';
import { z } from 'zod';
import { readOwnCertificate } from '../../authority/own-certificates.js';
import { previewForCaller, revokeForCaller, type CallersRevocation } from '../../authority/revoke-as-caller.js';
import type { CertificateSummary, LeafReason } from '../../database/certificates.js';
import { requiredText } from '../form-fields.js';
import { definePage, type Crumb, type Page, type ShowPage } from '../page.js';
import { Card, Facts } from '../parts/sections.js';
import { ownCertificatePath } from './my-certificate-words.js';
import { HowRevoked, RevokeNow, serialParams } from './revocation-parts.js';

type Params = z.infer<typeof serialParams>;

/** What an owner may say; the other reasons of RFC 5280 are the store's. */
const ownReasons = ['keyCompromise', 'superseded', 'cessationOfOperation', 'unspecified'] as const;

const reasonWords: Readonly<Record<LeafReason, string>> = {
  keyCompromise: 'Its key is in wrong hands, or may be',
  superseded: 'Another certificate took its place, or the key is lost',
  cessationOfOperation: 'The app is developed no more',
  unspecified: 'None of these',
  affiliationChanged: 'Whoever holds it belongs to the app no more',
  privilegeWithdrawn: 'The store no longer lets it sign',
};

const order = {
  reason: z.enum(ownReasons).catch('unspecified'),
  since: z.preprocess(
    (value) => (value === '' ? undefined : value),
    z.iso
      .date()
      .transform((text) => new Date(`${text}T00:00:00Z`))
      .optional(),
  ),
};
const orderSchema = z.object({ ...order, since: order.since.catch(undefined) });
type Order = z.infer<typeof orderSchema>;

/** The way to a certificate, and on from it. */
export const crumbsTo = (serial: string, ...more: readonly string[]): readonly Crumb[] => [
  { label: 'My certificates', href: 'console/my/certificates' },
  more.length === 0 ? { label: serial.slice(0, 16) } : { label: serial.slice(0, 16), href: ownCertificatePath(serial) },
  ...more.map((label) => ({ label })),
];

const showRevocation: ShowPage<'signed-in', Params, Order> = async ({
  gate,
  session,
  params: { serial },
  query: { reason, since },
}) => {
  // Whose it is, before anything is said of it.
  await readOwnCertificate(gate, session.caller, serial);
  const wanted = { serial, fingerprint: null, reason, invalidityDate: since ?? null };
  const effect = await previewForCaller(gate, session.caller, wanted);
  return {
    title: 'Revoke a certificate',
    crumbs: crumbsTo(serial, 'Revoke'),
    lead: 'In force at once, and for good: a revocation can’t be taken back.',
    body: (
      <>
        <Effect effect={effect} />
        <RevokeNow
          path={ownCertificatePath(serial)}
          reason={reason}
          words={reasonWords[reason]}
          since={since}
          hint="For the other owners of the app, and the store; not public."
        />
      </>
    ),
  };
};

/** Taking a certificate back: what it would do, and doing it. */
export const certificateRevocationPages: readonly Page[] = [
  definePage(
    { method: 'get', path: '/console/my/certificates/{serial}/revocation', access: 'signed-in' },
    { params: serialParams, query: orderSchema },
    showRevocation,
  ),
  definePage(
    {
      method: 'post',
      path: '/console/my/certificates/{serial}/revocation',
      access: 'signed-in',
      again: (context) => {
        const sent = orderSchema.safeParse(context.request.body);
        return showRevocation({ ...context, query: sent.data ?? { reason: 'unspecified' } });
      },
    },
    {
      params: serialParams,
      form: z.object({ reason: z.enum(ownReasons), since: order.since, note: requiredText(2_000, 'A reason') }),
    },
    async ({ gate, session, params: { serial }, form: { reason, since, note } }) => {
      const wanted = { serial, fingerprint: null, reason, invalidityDate: since ?? null, note };
      await revokeForCaller(gate, session.caller, wanted);
      return { redirect: ownCertificatePath(serial), flash: 'certificate-revoked' };
    },
  ),
];

/** Where the revocation of a certificate begins, or how it came about. */
export function RevokeCard({ certificate }: { readonly certificate: CertificateSummary }): JSX.Element {
  const { serial, revokedAt } = certificate;
  return (
    <Card
      title={revokedAt === null ? 'Lost, or in wrong hands?' : 'Revoked'}
      id="revoke"
      lead={
        revokedAt === null
          ? 'Say so at once. First you see what it does; nothing is done before you say so once more.'
          : 'For good. What became known since can make it worse: a compromise, or an earlier one.'
      }
    >
      <HowRevoked certificate={certificate} reasonWords={reasonWords} />
      <form class="filters" method="get" action={`${ownCertificatePath(serial)}/revocation`}>
        <div class="field">
          <label for="reason">What happened</label>
          <select id="reason" name="reason">
            {ownReasons.map((reason) => (
              <option key={reason} value={reason}>
                {reasonWords[reason]}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="since">
            In wrong hands since<span class="optional"> optional</span>
          </label>
          <input id="since" type="date" name="since" />
        </div>
        <button class="button danger">See what it would do</button>
      </form>
    </Card>
  );
}

const MAX_NAMED = 30;

function Effect({ effect }: { readonly effect: CallersRevocation }): JSX.Element {
  const { certificate, alsoRevoked, quarantined, kept, remaining } = effect;
  const names = (releases: CallersRevocation['quarantined']): JSX.Element | string =>
    releases.length === 0 ? (
      'No release'
    ) : (
      <>
        {releases
          .slice(0, MAX_NAMED)
          .map(({ appId, version }) => `${appId} ${version}`)
          .join(', ')}
        {releases.length > MAX_NAMED && `, and ${releases.length - MAX_NAMED} more`}
      </>
    );
  return (
    <Card title="What it would do">
      <Facts
        facts={[
          ['Certificate', <code>{certificate.serial}</code>],
          [
            'Revoked with it',
            alsoRevoked.length === 0 ? 'No other' : alsoRevoked.map(({ serial }) => serial).join(', '),
          ],
          ['Under quarantine', names(quarantined)],
          ['Stay, and are marked', names(kept)],
          [
            'Left to the app',
            remaining.length === 0 ? (
              <strong>no certificate: it can’t sign until it has another</strong>
            ) : (
              `${remaining.length} ${remaining.length === 1 ? 'certificate' : 'certificates'}`
            ),
          ],
        ]}
      />
    </Card>
  );
}
