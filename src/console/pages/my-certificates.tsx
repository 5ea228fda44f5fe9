import type { JSX } from 'preact';
import { z } from 'zod';
import { readOwnCertificates, type OwnCertificates } from '../../authority/own-certificates.js';
import { statusOfCertificate } from '../../authority/read-ledger.js';
import { requestCertificate } from '../../authority/request-certificate.js';
import type { CertificateSummary } from '../../database/certificates.js';
import { signingRequestPurposes, type SigningRequestRow } from '../../database/signing-requests.js';
import { RequestError } from '../../request-error.js';
import { optionalText, requiredText } from '../form-fields.js';
import { definePage, type Page, type ShowPage } from '../page.js';
import { Badge, WordBadge } from '../parts/badge.js';
import { Button, ButtonLink } from '../parts/button.js';
import { Code } from '../parts/code.js';
import { Field, Select, Textarea } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { Card, Empty } from '../parts/sections.js';
import { Table } from '../parts/table.js';
import { Day, Time } from '../parts/time.js';
import { shown } from '../parts/words.js';
import { useSurroundings } from '../surroundings.js';
import { ownCertificatePath, ownRequestPath, RequestState } from './my-certificate-words.js';

const MAX_CSR = 64 * 1024;

const show: ShowPage<'signed-in', object, { readonly app: string }> = async ({ gate, session, query: { app } }) => {
  const found = await readOwnCertificates(gate, session.caller);
  const { isIssuer, certificates, requests } = found;
  const isNew = certificates.length === 0 && requests.length === 0;
  const ids = [
    ...new Set([...found.appIds, ...certificates.map(({ appId }) => appId), ...requests.map(({ appId }) => appId)]),
  ];
  return {
    title: 'My certificates',
    lead: 'With a certificate you sign your apps: whoever gets hold of your account alone can then update none of them.',
    actions:
      isIssuer && !isNew ? (
        <ButtonLink href="console/my/certificates#ask">Ask for a certificate</ButtonLink>
      ) : undefined,
    body: (
      <>
        {!isIssuer && (
          <Empty title="This store issues no certificates">
            It trusts an authority elsewhere. Ask whoever runs it where certificates come from.
          </Empty>
        )}
        {isIssuer && isNew && (
          <Empty
            title="You have no certificate yet"
            action={<ButtonLink href="console/my/certificates#ask">Ask for the first one</ButtonLink>}
          >
            You make a key that never leaves your machine, and a signing request; a moderator looks at it.
          </Empty>
        )}
        {ids
          .filter((id) => [...certificates, ...requests].some(({ appId }) => appId === id))
          .sort()
          .map((id) => (
            <OfApp key={id} appId={id} found={found} />
          ))}
        {isIssuer && <AskCard appIds={found.appIds} app={app} />}
      </>
    ),
  };
};

const query = z.object({ app: z.string().max(64).catch('') });

const wish = z.object({
  appId: requiredText(64, 'The app id'),
  csr: requiredText(MAX_CSR, 'The signing request'),
  purpose: z.preprocess((value) => (value === '' ? null : value), z.enum(signingRequestPurposes).nullable()),
  declaredUrl: optionalText(2_000),
  contact: z.preprocess(
    (value) => (value === '' || value === undefined ? null : value),
    z.email('This is no mail address.').max(254).nullable(),
  ),
  note: optionalText(2_000),
});

/** The certificates of somebody's apps, and asking for one. */
export const myCertificatePages: readonly Page[] = [
  definePage({ method: 'get', path: '/console/my/certificates', access: 'signed-in' }, { query }, show),
  definePage(
    { method: 'post', path: '/console/my/certificates', access: 'signed-in', again: show },
    { query, form: wish },
    async ({ gate, session, form }) => {
      const asked = { ...form, note: form.note ?? '', lost: null, compromisedSince: null };
      const { request, isNew } = await naming(() => requestCertificate(gate, session.caller, asked));
      return { redirect: ownRequestPath(request.id), flash: isNew ? 'certificate-asked' : 'certificate-asked-before' };
    },
  ),
];

const fieldOfCode: Readonly<Partial<Record<RequestError['code'], string>>> = {
  CSR_INVALID: 'csr',
  KEY_REFUSED: 'csr',
  REQUEST_OPEN: 'csr',
  APP_ID_INVALID: 'appId',
  APP_ID_RESERVED: 'appId',
  APP_SUSPENDED: 'appId',
};

/** What is wrong is said beside the field that holds it. */
async function naming<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    // Whose app it is can be mended here: by another id.
    const isOfAnother = error.code === 'NOT_OWNER';
    const field = isOfAnother ? 'appId' : fieldOfCode[error.code];
    if (field === undefined) throw error;
    throw new RequestError(isOfAnother ? 'INVALID_REQUEST' : error.code, error.message, { field });
  }
}

function OfApp({ appId, found }: { readonly appId: string; readonly found: OwnCertificates }): JSX.Element {
  const certificates = found.certificates.filter((each) => each.appId === appId);
  const requests = found.requests.filter((each) => each.appId === appId);
  return (
    <Card title={appId}>
      {certificates.length > 0 && <Certificates appId={appId} certificates={certificates} />}
      {requests.length > 0 && <Requests appId={appId} requests={requests} />}
    </Card>
  );
}

function Certificates({
  appId,
  certificates,
}: {
  readonly appId: string;
  readonly certificates: readonly CertificateSummary[];
}): JSX.Element {
  const { now } = useSurroundings();
  return (
    <Table
      caption={`Certificates of ${appId}, the newest first`}
      rows={certificates}
      rowKey={({ serial }) => serial}
      rowLink={({ serial }) => ownCertificatePath(serial)}
      columns={[
        {
          label: 'Certificate',
          cell: ({ serial }) => (
            <a href={ownCertificatePath(serial)}>
              <code>{serial}</code>
            </a>
          ),
        },
        { label: 'Status', cell: (certificate) => <WordBadge word={statusOfCertificate(certificate, now)} /> },
        { label: 'Ends', cell: (certificate) => <Ends certificate={certificate} /> },
      ]}
    />
  );
}

const SOON_MS = 60 * 24 * 60 * 60 * 1000;

function Ends({ certificate }: { readonly certificate: CertificateSummary }): JSX.Element {
  const { now } = useSurroundings();
  const { notAfter } = certificate;
  if (notAfter === null) return <span class="quiet">–</span>;
  const isSoon = statusOfCertificate(certificate, now) === 'valid' && notAfter.getTime() - now.getTime() < SOON_MS;
  return (
    <span class="cluster">
      <Day at={notAfter} />
      {isSoon && <Badge tone="warning">soon: ask for the next one</Badge>}
    </span>
  );
}

function Requests({
  appId,
  requests,
}: {
  readonly appId: string;
  readonly requests: readonly SigningRequestRow[];
}): JSX.Element {
  return (
    <Table
      caption={`Requests for ${appId}, the newest first`}
      rows={requests}
      rowKey={({ id }) => id}
      rowLink={({ id }) => ownRequestPath(id)}
      columns={[
        {
          label: 'Request',
          cell: ({ id, purpose, keyKind }) => (
            <a href={ownRequestPath(id)}>
              {purpose}, {shown(keyKind)}
            </a>
          ),
        },
        { label: 'State', cell: ({ state }) => <RequestState state={state} /> },
        { label: 'Asked', cell: ({ requestedAt }) => <Time at={requestedAt} /> },
      ]}
    />
  );
}

function AskCard({ appIds, app }: { readonly appIds: readonly string[]; readonly app: string }): JSX.Element {
  const id = app === '' ? (appIds[0] ?? 'myapp') : app;
  // It stands in commands: nothing but what is an app id.
  const name = /^[a-z0-9][a-z0-9_-]{2,63}$/.test(id) ? id : 'myapp';
  return (
    <Card
      title="Ask for a certificate"
      id="ask"
      lead="Make the key on your own machine, where it stays; only the request comes here."
    >
      <p class="small quiet">With portcullis:</p>
      <Code
        text={`portcullis keygen --out ${name}.key\nportcullis csr --key ${name}.key --app-id ${name} --out ${name}.csr`}
      />
      <details>
        <summary>With openssl</summary>
        <Code text={`openssl req -nodes -newkey rsa:3072 -keyout ${name}.key -out ${name}.csr -subj "/CN=${name}"`} />
      </details>
      <Form action="console/my/certificates">
        <Field
          name="appId"
          label="App id"
          hint="One of your apps, or an id that nobody has: it becomes yours when the certificate is granted."
          required
          maxlength={64}
          spellcheck={false}
          value={app === '' ? (appIds.length === 1 ? (appIds[0] ?? '') : '') : app}
        />
        <Textarea
          name="csr"
          label="Signing request"
          hint="What is in the .csr file, with its first and last line."
          required
          rows={7}
          maxlength={MAX_CSR}
          placeholder="-----BEGIN CERTIFICATE REQUEST-----"
          data-file="The .csr file"
        />
        <Select
          name="purpose"
          label="What it is for"
          value=""
          choices={[
            { value: '', label: 'The first one, or the next one' },
            { value: 'additional', label: 'One beside others, for a build machine say' },
            { value: 'lost', label: 'In the place of all others, which are lost and get revoked' },
          ]}
        />
        <Field
          name="declaredUrl"
          type="url"
          label="Repository or website"
          hint="Moderators compare it with what you publish."
          maxlength={2_000}
        />
        <Field
          name="contact"
          type="email"
          label="E-mail"
          hint="Is written to before the certificate ends."
          maxlength={254}
        />
        <Textarea name="note" label="For the moderators" rows={3} maxlength={2_000} />
        <Button look="primary">Send the request</Button>
      </Form>
    </Card>
  );
}
