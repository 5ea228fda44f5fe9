import { createPublicKey, type KeyObject } from 'node:crypto';
import { readSigningRequest, requestCertificate } from '../client/generated/operations.js';
import { writePem } from '../pki/pem.js';
import { keySigner } from '../pki/signer.js';
import {
  createSigningRequest,
  findRequestFaults,
  parseSigningRequest,
  SigningRequestError,
} from '../pki/signing-request.js';
import { readCertifiableId } from './certifiable-id.js';
import {
  nextStep,
  refusedByStore,
  requireSame,
  signingRequest,
  type SigningRequestAnswer,
} from './certificate-answers.js';
import { deliver, quoted } from './certificate-delivery.js';
import { orElsewhere } from './certificate-elsewhere.js';
import { readWish } from './certificate-wish.js';
import { makeKeyFile, requireKeyPlace } from './certificate-files.js';
import { RefusedError, UsageError, type Arguments, type Command, type ExitCode, type Terminal } from './command.js';
import { isSet, textOption } from './option-values.js';
import { requestAsText } from './request-text.js';
import { readKeyFile, readNamedFile } from './signing-key.js';
import { askUntil } from './ask-until.js';
import { askStore, type StoreAnswer } from './store-client.js';
import { storeOptionHelp, storeOptions, storeWithToken, type Store } from './store-client-address.js';
import { understand } from './store-client-answers.js';
import { waitOption } from './upload.js';
import { requireWritable } from './write-output.js';

/** `portcullis certificate request`: asks a store's authority for a certificate. */
export const certificateRequest: Command = {
  name: 'certificate request',
  summary: 'Asks a store for a certificate, with which to sign an app.',
  usage:
    '--app-id ID (--csr FILE | --key FILE | --new-key FILE) [--lost [SERIAL...] | --additional] [--compromised-since TIME] [--website URL] [--contact MAIL] [--note TEXT] [--wait SECONDS] [--out FILE] [--force] [--url URL] [--token-file FILE] [--insecure] [--json]',
  options: {
    'app-id': { type: 'string' },
    csr: { type: 'string' },
    key: { type: 'string' },
    'new-key': { type: 'string' },
    lost: { type: 'boolean' },
    additional: { type: 'boolean' },
    'compromised-since': { type: 'string' },
    website: { type: 'string' },
    contact: { type: 'string' },
    note: { type: 'string' },
    wait: { type: 'string' },
    out: { type: 'string' },
    force: { type: 'boolean' },
    ...storeOptions,
    json: { type: 'boolean' },
  },
  optionHelp: {
    'app-id': 'the app that it shall be for',
    csr: 'a signing request that is there already (portcullis csr, or openssl req)',
    key: 'the private key that it shall be for; only a signing request made with it is sent',
    'new-key': 'makes a new key in this file, and asks for a certificate on that',
    lost: 'revokes those with these serials, or all of the app where none is named, once this one is issued',
    additional: 'it is one beside others, for a build machine say',
    'compromised-since': 'with --lost: since when the lost ones are in wrong hands, as far as that is known',
    website: "the app's source repository or website, for portcullis certificate challenge",
    contact: 'a mail address that is written to before the certificate ends',
    note: 'what moderators should know',
    wait: 'how long to wait for a moderator',
    out: 'the file for the certificate and its intermediate (default: ID.crt)',
    force: 'overwrites the file for the certificate; never that of a key',
    ...storeOptionHelp,
    json: 'prints what the store answers as JSON; the certificate is written to its file all the same',
  },
  about: `Exit 0 also where it waits for a moderator, which the last line says; 1 where it is refused or declined. Asking again
with the same key gives the same request. The private key never leaves this machine.

  portcullis certificate request --app-id calendar --new-key calendar.key --url https://store.example.org --wait 600`,
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const appId = readCertifiableId(args);
  const wish = readWish(args, terminal.now());
  const source = readSource(args);
  const seconds = waitOption(args);
  const isJson = isSet(args, 'json');
  const named = textOption(args, 'out');
  const out = named ?? `${appId}.crt`;
  if (isJson && out === '-') throw new UsageError('The standard output has room for --json or for --out -, not both.');
  const store = await storeWithToken(args, terminal);
  const force = isSet(args, 'force');
  // Whether something is in the place counts only once there is something to write, on another day perhaps.
  if (source.option === 'new-key') await requireKeyPlace(source.file, terminal);
  await requireWritable(out, { force, keyFiles: [source.file], mayExist: true }, terminal);

  const own = await readRequest(source, appId, terminal);
  return orWithKey(source, terminal, async () => {
    const first = await askStore(store, requestCertificate, { path: { appId }, body: { csr: own.csr, ...wish } });
    if (first.status !== 200 && first.status !== 201) return refusedByStore(first, store, terminal);
    requireSame('app', appId, understand(signingRequest, first, store).appId, store);
    const answer = await awaitDecision(store, first, seconds, terminal);
    const request = understand(signingRequest, answer, store);
    if (isJson) terminal.out(`${JSON.stringify(answer.body, null, 2)}\n`);
    // A certificate on the standard output, or JSON, stands there alone.
    const shown = isJson || out === '-' ? { ...terminal, out: terminal.err } : terminal;
    const getOptions = optionsOfGet(named, own.keyFile);
    tellRequest(request, getOptions, shown);
    if (request.certificate !== null) {
      const certificate = { ...request.certificate, appId };
      const delivery = { out, force, isNamed: true, keyFile: own.keyFile, key: own.publicKey };
      await orElsewhere(
        deliver(certificate, store, delivery, out === '-' ? terminal : shown),
        certificate,
        `Fetch it with: portcullis certificate get ${request.id}${optionsOfGet('FILE', own.keyFile)}`,
      );
    }
    return request.state === 'declined' || request.state === 'withdrawn' ? 1 : 0;
  });
}

/** A key that was made stays, whatever happens after: says how to go on with it. */
async function orWithKey(
  { option, file }: KeySource,
  { err }: Terminal,
  work: () => Promise<ExitCode>,
): Promise<ExitCode> {
  let exit: ExitCode | null = null;
  try {
    return (exit = await work());
  } finally {
    if (option === 'new-key' && exit !== 0) err(`The key stays in ${file}: ask again with --key ${quoted(file)}\n`);
  }
}

/** So that `certificate get` writes to the same file, and says how to sign with the same key. */
function optionsOfGet(out: string | undefined, keyFile: string | null): string {
  const options = [
    keyFile === null ? '' : ` --key ${quoted(keyFile)}`,
    out === undefined ? '' : ` --out ${quoted(out)}`,
  ];
  return options.join('');
}

/** Says how a request stands; with the certificate at hand nothing needs to be fetched. */
function tellRequest(request: SigningRequestAnswer, getOptions: string, { out }: Terminal): void {
  const { id, state, certificate } = request;
  if (state === 'questioned' || state === 'declined') out(`${requestAsText(request)}\n`);
  else out(`Signing request ${id} is ${state}.\n`);
  if (certificate === null) out(nextStep(request, getOptions));
}

/** A signing request that can be sent, and whose it is. */
interface OwnRequest {
  readonly csr: string;
  readonly publicKey: KeyObject;
  readonly keyFile: string | null;
}

/** Where the key comes from that the certificate shall be for. */
interface KeySource {
  readonly option: 'csr' | 'key' | 'new-key';
  readonly file: string;
}

function readSource(args: Arguments): KeySource {
  const named = (['csr', 'key', 'new-key'] as const).flatMap((option) => {
    const file = textOption(args, option);
    return file === undefined ? [] : [{ option, file }];
  });
  const [source] = named;
  if (source === undefined || named.length > 1) throw new UsageError('Give one of --csr, --key and --new-key.');
  return source;
}

async function readRequest({ option, file }: KeySource, commonName: string, terminal: Terminal): Promise<OwnRequest> {
  if (option === 'csr') return readRequestFile(file, commonName, terminal);
  const key = option === 'key' ? await readKeyFile(file, terminal) : (await makeKeyFile(file, terminal)).privateKey;
  const csr = await createSigningRequest({ signer: keySigner(key), commonName });
  return { csr, publicKey: createPublicKey(key), keyFile: file };
}

/** What is sent is the request alone: in the same file there may be the private key, of all things. */
async function readRequestFile(file: string, appId: string, terminal: Terminal): Promise<OwnRequest> {
  try {
    const request = parseSigningRequest(await readNamedFile(file, terminal));
    const faults = findRequestFaults(request, appId).map(({ detail }) => `${file}: ${detail}`);
    if (faults.length > 0) throw new RefusedError(faults.join('\n'));
    return { csr: writePem(request.der, 'CERTIFICATE REQUEST'), publicKey: request.publicKey, keyFile: null };
  } catch (error) {
    if (error instanceof SigningRequestError) throw new RefusedError(`${file}: ${error.message}`);
    throw error;
  }
}

/** Asks for a request until it is decided, or something is asked back, or `seconds` are over. */
async function awaitDecision(
  store: Store,
  first: StoreAnswer,
  seconds: number,
  terminal: Terminal,
): Promise<StoreAnswer> {
  const nextQuestion = ({ body }: StoreAnswer) => {
    const parsed = signingRequest.safeParse(body);
    if (!parsed.success || parsed.data.state !== 'pending') return null;
    return async () => askStore(store, readSigningRequest, { path: { id: parsed.data.id } });
  };
  const idOf = (answer: StoreAnswer): string => understand(signingRequest, answer, store).id;
  const requireSameRequest = (next: StoreAnswer, answer: StoreAnswer): void =>
    requireSame('signing request', idOf(answer), idOf(next), store);
  return askUntil(first, { seconds, nextQuestion, requireSame: requireSameRequest }, terminal);
}
