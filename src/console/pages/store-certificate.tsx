import type { JSX } from 'preact';
import { z } from 'zod';
import { readLedgerCertificate, statusOfCertificate } from '../../authority/read-ledger.js';
import { previewForCaller, revokeForCaller, type CallersRevocation } from '../../authority/revoke-as-caller.js';
import { leafReasons, type CertificateRow } from '../../database/certificates.js';
import type { SignedReleaseRow } from '../../database/releases.js';
import { requiredText } from '../form-fields.js';
import { definePage, type Page, type ShowPage } from '../page.js';
import { Badge, WordBadge } from '../parts/badge.js';
import { Callout } from '../parts/callout.js';
import { Digest } from '../parts/code.js';
import { Card, Facts } from '../parts/sections.js';
import { Day, Time } from '../parts/time.js';
import { shown } from '../parts/words.js';
import { HowRevoked, RevokeNow, serialParams } from './revocation-parts.js';

const day = z.iso.date().transform((text) => new Date(`${text}T00:00:00Z`));
const orderOf = {
  reason: z.enum(leafReasons).catch('unspecified'),
  since: z.preprocess((value) => (value === '' ? undefined : value), day.optional()).catch(undefined),
};

/** The reasons of RFC 5280 in words. */
const reasonWords = {
  unspecified: 'No reason is said',
  keyCompromise: 'Its key is in wrong hands',
  affiliationChanged: 'Whoever holds it belongs to the app no more',
  superseded: 'Another certificate took its place',
  cessationOfOperation: 'The app is developed no more',
  privilegeWithdrawn: 'The store no longer lets it sign',
} as const;

const pathOf = (serial: string): string => `console/store/certificates/${serial}`;

const showRevocation: ShowPage<
  'moderator',
  z.infer<typeof serialParams>,
  { readonly reason: (typeof leafReasons)[number]; readonly since?: Date | undefined }
> = async ({ gate, session, params: { serial }, query: { reason, since } }) => {
  const effect = await previewForCaller(gate, session.caller, {
    serial,
    fingerprint: null,
    reason,
    invalidityDate: since ?? null,
  });
  const { appId } = effect.certificate;
  return {
    title: `Revoke the certificate of ${appId}`,
    crumbs: [
      { label: 'Certificates', href: 'console/store/certificates' },
      { label: serial.slice(0, 16), href: pathOf(serial) },
      { label: 'Revoke' },
    ],
    lead: 'In force at once, and for good: a revocation can’t be taken back.',
    body: (
      <>
        <Effect effect={effect} />
        <RevokeNow
          path={pathOf(serial)}
          reason={reason}
          words={reasonWords[reason]}
          since={since}
          hint="For the owners of the app and the store; not public."
        />
      </>
    ),
  };
};

/** A certificate that the store issued, and its revocation, which is seen before it is done. */
export const storeCertificatePages: readonly Page[] = [
  definePage(
    { method: 'get', path: '/console/store/certificates/{serial}', access: 'moderator' },
    { params: serialParams },
    async ({ gate, params: { serial } }) => {
      const { certificate, chain } = await readLedgerCertificate(gate, serial);
      return {
        title: `Certificate of ${certificate.appId}`,
        crumbs: [{ label: 'Certificates', href: 'console/store/certificates' }, { label: serial.slice(0, 16) }],
        actions: <WordBadge word={statusOfCertificate(certificate, gate.now())} />,
        body: (
          <>
            <CertificateFacts certificate={certificate} issuer={chain[0]?.commonNames[0] ?? null} />
            <RevokeStart certificate={certificate} />
          </>
        ),
      };
    },
  ),
  definePage(
    { method: 'get', path: '/console/store/certificates/{serial}/revocation', access: 'moderator' },
    { params: serialParams, query: z.object(orderOf) },
    showRevocation,
  ),
  definePage(
    {
      method: 'post',
      path: '/console/store/certificates/{serial}/revocation',
      access: 'moderator',
      again: (context) => {
        const sent = z.object(orderOf).safeParse(context.request.body);
        return showRevocation({ ...context, query: sent.data ?? { reason: 'unspecified' } });
      },
    },
    {
      params: serialParams,
      form: z.object({
        reason: z.enum(leafReasons),
        since: z.preprocess((value) => (value === '' ? undefined : value), day.optional()),
        note: requiredText(2_000, 'A reason'),
      }),
    },
    async ({ gate, session, params: { serial }, form: { reason, since, note } }) => {
      await revokeForCaller(gate, session.caller, {
        serial,
        fingerprint: null,
        reason,
        invalidityDate: since ?? null,
        note,
      });
      return { redirect: pathOf(serial), flash: 'certificate-revoked' };
    },
  ),
];

function CertificateFacts({
  certificate,
  issuer,
}: {
  readonly certificate: CertificateRow;
  readonly issuer: string | null;
}): JSX.Element {
  const { serial, appId, fingerprint, publicKey, issuedAt, notBefore, notAfter, contact, requestId } = certificate;
  return (
    <Card title="What it is">
      <Facts
        facts={[
          ['Serial', <code>{serial}</code>],
          ['App', <a href={`console/store/apps/${encodeURIComponent(appId)}`}>{appId}</a>],
          ['Issued by', issuer === null ? null : shown(issuer)],
          ['Issued', issuedAt === null ? 'Nobody wrote down that it was' : <Time at={issuedAt} />],
          [
            'Counts',
            notBefore !== null && notAfter !== null ? (
              <>
                <Day at={notBefore} /> to <Day at={notAfter} />
              </>
            ) : null,
          ],
          ['SHA-256', fingerprint === null ? null : <Digest value={fingerprint} length={16} />],
          ['Key’s SHA-256', <Digest value={publicKey} length={16} />],
          ['Contact', contact === null ? null : shown(contact)],
          [
            'Asked for',
            requestId === null ? null : <a href={`console/queue?state=closed&q=${requestId}`}>in this request</a>,
          ],
        ]}
      />
    </Card>
  );
}

function RevokeStart({ certificate }: { readonly certificate: CertificateRow }): JSX.Element {
  const { serial, revokedAt } = certificate;
  return (
    <Card
      title={revokedAt === null ? 'Revoke' : 'Revoked'}
      lead={
        revokedAt === null
          ? 'First you see what it would do; nothing is done before you say so once more.'
          : 'For good. What became known since can make it worse: a compromise, or an earlier one.'
      }
    >
      <HowRevoked certificate={certificate} reasonWords={reasonWords} />
      <form class="filters" method="get" action={`${pathOf(serial)}/revocation`}>
        <div class="field">
          <label for="reason">Reason</label>
          <select id="reason" name="reason">
            {leafReasons.map((reason) => (
              <option key={reason} value={reason} selected={reason === 'keyCompromise' && revokedAt !== null}>
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

function Effect({ effect }: { readonly effect: CallersRevocation }): JSX.Element {
  const { certificate, alsoRevoked, quarantined, kept, remaining } = effect;
  const names = (releases: readonly SignedReleaseRow[]): JSX.Element => (
    <ul>
      {releases.slice(0, 50).map(({ appId, version, status }) => (
        <li key={`${appId} ${version}`}>
          {appId} {version} <WordBadge word={status} />
        </li>
      ))}
      {releases.length > 50 && <li>{`and ${releases.length - 50} more`}</li>}
    </ul>
  );
  return (
    <Card title="What it would do">
      {certificate.revokedAt !== null && (
        <Callout kind="note">It is revoked already; this can only make it worse.</Callout>
      )}
      <Facts
        facts={[
          ['Certificate', <code>{certificate.serial}</code>],
          [
            'Revoked with it',
            alsoRevoked.length === 0
              ? 'No other'
              : alsoRevoked.map(({ serial }) => <code key={serial}>{`${serial} `}</code>),
          ],
          ['Quarantined', quarantined.length === 0 ? 'No release' : names(quarantined)],
          ['Stay, and are marked', kept.length === 0 ? 'No release' : names(kept)],
          [
            'Left to the app',
            remaining.length === 0 ? (
              <Badge tone="warning">no certificate: it can’t sign until it has another</Badge>
            ) : (
              `${remaining.length} ${remaining.length === 1 ? 'certificate' : 'certificates'}`
            ),
          ],
        ]}
      />
    </Card>
  );
}
