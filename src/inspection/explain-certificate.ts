import { isAppId } from '../app/app-id.js';
import type { ChainFaultKind } from '../pki/chain.js';
import { finding, type Finding } from '../report/finding.js';
import type { SignatureVerdict } from '../signature/verify-signature.js';
import type { Explanation } from './explanation.js';

type Advice = Pick<Explanation, 'cause' | 'fix'>;

const NEW_CERTIFICATE = 'Request a certificate for this app from the store (portcullis csr), and sign again with it.';

const FAULTS: Readonly<Partial<Record<ChainFaultKind, Advice>>> = {
  'self-signed': {
    cause: 'The certificate is signed by its own key; anybody can make such a one in anybody’s name.',
    fix: NEW_CERTIFICATE,
  },
  untrusted: {
    cause: 'The certificate comes from an authority that this store does not trust; another store’s, or a private one.',
    fix: `${NEW_CERTIFICATE} If it is this store’s, add the intermediate certificate: portcullis sign … --chain FILE`,
  },
  'bad-signature': {
    cause:
      'Another authority of the same name issued it: a certificate of another gate, or the data of this gate was made anew.',
    fix: 'Have a certificate issued by this gate’s authority (portcullis ca issue --app-id ID --csr FILE), and sign again with it.',
  },
  expired: {
    cause: 'The certificate, or the authority that issued it, has expired.',
    fix: NEW_CERTIFICATE,
  },
  'not-yet-valid': {
    cause: 'The certificate is valid only from a later time on; the clock that issued it may be fast.',
  },
  'leaf-is-ca': { cause: 'The app was signed with the certificate of an authority.', fix: NEW_CERTIFICATE },
  'no-code-signing': {
    cause: 'The certificate was issued for another purpose, such as a web server.',
    fix: NEW_CERTIFICATE,
  },
};

/** The placeholder that documentation uses in `openssl req -subj "/CN=APP_ID"`. */
const PLACEHOLDER_NAMES: ReadonlySet<string> = new Set(['APP_ID', 'APPID', 'YOUR_APP_ID', 'app_id', 'appid']);

/** Says in plain words what is wrong with the signer's certificate. */
export function explainCertificate({ parsed }: SignatureVerdict): readonly Explanation[] {
  const faults = parsed.chain?.faults ?? [];
  const explanations = faults.flatMap(({ kind, detail }) => {
    const advice = FAULTS[kind];
    const { message } = finding('BAD_CHAIN', { detail });
    return advice === undefined ? [] : [{ explains: (found: Finding) => found.message === message, ...advice }];
  });
  const name = parsed.leaf?.commonNames[0];
  if (name === undefined || parsed.scope === null) return explanations;
  return [...explanations, { explains: ({ code }) => code === 'CN_MISMATCH', ...explainName(name, parsed.scope) }];
}

function explainName(name: string, scope: string): Advice {
  if (PLACEHOLDER_NAMES.has(name)) {
    return {
      cause: `The certificate was requested with the placeholder of the documentation, "${name}", instead of the app id.`,
      fix: `Request a certificate whose common name is the app id: portcullis csr (CN=${scope}).`,
    };
  }
  if (name === 'core') return { cause: 'The app was signed with the certificate of the ownCloud server itself.' };
  if (scope === 'core') return { cause: 'The server was signed with the certificate of an app.' };
  if (name.toLowerCase() === scope.toLowerCase()) {
    const cause = 'The app id and the name in the certificate differ in capital letters only.';
    return isAppId(name) ? { cause, fix: `Write the id as the certificate has it: ${name}` } : { cause };
  }
  return { cause: 'The app was signed with the certificate of another app, or renamed after it got its certificate.' };
}
