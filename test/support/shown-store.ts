import { createPrivateKey } from 'node:crypto';
import { parseCertificate } from '../../src/pki/certificate.js';
import { buildManifest } from '../../src/signature/manifest.js';
import { signManifest } from '../../src/signature/sign-manifest.js';
import { appArchive, appFiles, zipOf, type AppArchiveOptions } from './app-archive.js';
import { contentsOf } from './golden.js';
import { csrFor, newKeys } from './signing-requests.js';

/** A store that looks like one, for pictures of it. */
export interface ShownStore {
  readonly tokens: Readonly<Record<'developer' | 'moderator', string>>;
  /** A submission that was refused since files were changed after signing. */
  readonly refused: string;
  /** A held submission with a difference to the release before. */
  readonly review: string;
}

type Upload = AppArchiveOptions & { readonly id: string; readonly tampered?: Readonly<Record<string, string>> };

const SCRIPT = `const weekStart = 1;

export function monthOf(day) {
  return day.getMonth() + 1;
}

export function isWeekend(day) {
  return day.getDay() % 6 === 0;
}
`;
const NEXT_SCRIPT = SCRIPT.replace(
  'const weekStart = 1;',
  "import { settings } from './settings.js';\n\nconst weekStart = settings.weekStart ?? 1;",
).replace('return day.getDay() % 6 === 0;', 'return settings.weekend.includes(day.getDay());');

/** Fills a gate that has just started, by its API alone. */
export async function fillShownStore(url: string, operator: string): Promise<ShownStore> {
  const send = async (method: string, path: string, token: string | null, body: unknown): Promise<any> => {
    const headers = { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) };
    const response = await fetch(`${url}/api/v1/${path}`, { method, headers, body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 600)}`);
    return text === '' ? null : JSON.parse(text);
  };
  const tokenOf = async (account: string, scopes: readonly string[]): Promise<string> =>
    (await send('POST', 'tokens', operator, { account, scopes, label: `${account}’s laptop` })).token as string;
  const developer = await tokenOf('ada', ['upload', 'manage']);
  const grace = await tokenOf('grace', ['upload', 'manage']);
  const moderator = await tokenOf('mia', ['upload', 'manage', 'moderate']);

  const put = async (token: string, archive: Buffer, id: string): Promise<any> => {
    const headers = { 'content-type': 'application/zip', authorization: `Bearer ${token}` };
    const response = await fetch(`${url}/api/v1/apps/${id}/releases`, {
      method: 'POST',
      headers,
      body: new Uint8Array(archive),
    });
    return response.json();
  };
  const plain = async (token: string, upload: Upload): Promise<any> => put(token, await appArchive(upload), upload.id);

  // Ada's calendar is signed.
  const keys = newKeys();
  const request = await send('POST', 'apps/calendar/signing-requests', developer, {
    csr: await csrFor('calendar', { keys }),
    contact: 'ada@example.org',
    note: 'The key lives on my build machine.',
  });
  const { certificate } = await send('POST', `signing-requests/${request.id}/approval`, moderator, {
    reason: 'Known to us for years.',
  });
  const [leaf, ...chain] = [certificate.leaf, ...certificate.chain].map((pem: string) => parseCertificate(pem));
  if (leaf === undefined) throw new Error('no certificate');
  const signed = async ({ tampered = {}, ...upload }: Upload): Promise<any> => {
    const files = appFiles(upload);
    const privateKey = createPrivateKey(keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const manifest = await buildManifest(contentsOf(files), 'app');
    files.set('appinfo/signature.json', signManifest({ manifest, privateKey, certificate: leaf, chain, format: 2 }));
    for (const [path, content] of Object.entries(tampered)) files.set(path, Buffer.from(content));
    return put(
      developer,
      await zipOf([...files].map(([path, content]) => [`${upload.id}/${path}`, content] as const)),
      upload.id,
    );
  };
  await signed({ id: 'calendar', version: '2.0.0', files: { 'js/script.js': SCRIPT } });
  await signed({
    id: 'calendar',
    version: '2.0.1',
    files: { 'js/script.js': SCRIPT, 'l10n/de.json': '{"week": "Woche"}\n' },
  });
  await send('PUT', 'apps/calendar/trust-level', moderator, { trustLevel: 'approved', reason: 'Well kept for years.' });
  const refused = await signed({
    id: 'calendar',
    version: '2.1.0',
    files: { 'js/script.js': NEXT_SCRIPT, 'js/settings.js': 'export const settings = {};\n' },
    tampered: { 'js/script.js': NEXT_SCRIPT.replaceAll('\n', '\r\n'), 'css/style.css': 'body { color: black; }\r\n' },
  });
  const held = await signed({
    id: 'calendar',
    version: '2.1.1',
    files: {
      'js/script.js': NEXT_SCRIPT,
      'js/settings.js': 'export const settings = { weekend: [0, 6] };\n',
      '.env': 'HOST=example.org\n',
      'l10n/de.json': '{"week": "Woche", "month": "Monat"}\n',
    },
  });

  for (const [id, name] of [
    ['notes', 'Notes'],
    ['tasks', 'Tasks'],
    ['mail', 'Mail'],
    ['maps', 'Maps'],
  ] as const) {
    await plain(grace, { id, name, version: '1.0.0' });
    await plain(grace, { id, name, version: '1.1.0', files: { 'js/more.js': 'export {};\n' } });
  }
  await plain(grace, { id: 'tasks', name: 'Tasks', version: '1.2.0', files: { '.env': 'A=1\n' } });
  const nested = { 'build/appinfo/info.xml': '<info/>' };
  for (const version of ['1.2.0', '1.2.1', '1.2.2'])
    await plain(grace, { id: 'maps', name: 'Maps', version, files: nested });
  const appealed = await plain(grace, { id: 'mail', name: 'Mail', version: '1.2.0', files: nested });
  await send('POST', `submissions/${appealed.id}/appeal`, grace, {
    text: 'The folder “build” is a template that users copy: the app needs it.',
  });
  await send('POST', 'apps/notes/signing-requests', grace, {
    csr: await csrFor('notes'),
    contact: 'grace@example.org',
    note: 'Our first certificate.',
  });
  await send('POST', 'apps/maps/reports', null, {
    version: '1.1.0',
    category: 'privacy',
    text: 'It sends where I am to a server that its description doesn’t name.',
    contact: 'bob@example.org',
  });
  await send('PUT', 'apps/maps/releases/1.1.0/status', moderator, {
    status: 'quarantined',
    reason: 'We look into a report that it sends locations elsewhere.',
    reasonCode: null,
  });
  await send('POST', `reviews/${held.review.id}/notes`, moderator, {
    text: 'The settings are new; the .env looks like an accident.',
  });
  return { tokens: { developer, moderator }, refused: refused.id as string, review: held.review.id as string };
}
