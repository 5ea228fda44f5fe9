import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { writeAppFolder } from '../support/app-folder.js';
import { startBuiltGate, type BuiltGate } from '../support/built-gate.js';
import { isInstalled } from '../support/installed.js';

/*
 * The whole life of a certificate as somebody lives it who has openssl, curl and zip, and of ours only the gate: asked for,
 * issued, used, lost, replaced, revoked. `portcullis sign` is one of two ways to sign, the other is openssl.
 */

const run = promisify(execFile);
const withTools = ['openssl', 'curl', 'zip', 'sha512sum'].every(isInstalled) ? describe : describe.skip;

/** What curl was answered: the status, and the JSON. */
interface Answer {
  readonly status: number;
  // Looked into as a script would: without our types.
  readonly body: any;
}

withTools('with openssl, curl and zip (skipped where one is missing)', () => {
  let gate: BuiltGate;
  let developer: string;

  beforeAll(async () => {
    gate = await startBuiltGate();
    const token = [
      'token',
      'create',
      '--app',
      'contacts',
      '--account',
      'ada',
      '--scope',
      'upload',
      '--scope',
      'manage',
    ];
    developer = (await gate.succeed(token)).out.trim();
  });

  afterAll(async () => gate.remove());

  /** Runs a script in the workspace: what it printed. Rejects where any command of it fails. */
  async function sh(script: string, environment: NodeJS.ProcessEnv = {}): Promise<string> {
    const { stdout } = await run('bash', ['--norc', '-eo', 'pipefail', '-c', script], {
      cwd: gate.workspace,
      env: { PATH: process.env['PATH'], URL: gate.url, ...environment },
    });
    return stdout;
  }

  async function curl(options: string, token?: string): Promise<Answer> {
    const authorization = token === undefined ? '' : `-H "Authorization: Bearer $TOKEN"`;
    const out = await sh(`curl -sS -w '\\n%{http_code}' ${authorization} ${options}`, { TOKEN: token });
    const end = out.lastIndexOf('\n');
    return { status: Number(out.slice(end + 1)), body: JSON.parse(out.slice(0, end)) as unknown };
  }

  async function postJson(path: string, json: object, token?: string): Promise<Answer> {
    await writeFile(gate.path('body.json'), JSON.stringify(json));
    return curl(`-H 'content-type: application/json' --data-binary @body.json "$URL${path}"`, token);
  }

  /** Asks for a certificate with a new key of openssl, has it approved, and leaves NAME.crt and NAME-chain.crt. */
  async function obtain(name: string, newKey: string, wish: object = {}): Promise<string> {
    await sh(
      `openssl req -nodes -newkey ${newKey} -keyout ${name}.key -out ${name}.csr -subj "/CN=contacts" 2>/dev/null`,
    );
    const csr = await readFile(gate.path(`${name}.csr`), 'utf8');
    const asked = await postJson('/api/v1/apps/contacts/signing-requests', { csr, ...wish }, developer);
    expect(asked).toMatchObject({ status: 201, body: { state: 'pending' } });
    const id = (asked.body as { id: string }).id;
    const operator = await gate.operatorToken();
    const approved = await postJson(`/api/v1/signing-requests/${id}/approval`, { reason: 'known' }, operator);
    expect(approved.status).toBe(200);
    const { leaf, chain, serial } = approved.body.certificate as { leaf: string; chain: string[]; serial: string };
    await writeFile(gate.path(`${name}.crt`), leaf);
    await writeFile(gate.path(`${name}-chain.crt`), chain.join(''));
    return serial;
  }

  async function app(version: string): Promise<void> {
    await sh('rm -rf contacts contacts.zip');
    await writeAppFolder(gate.path('contacts'), { id: 'contacts', version });
  }

  async function send(): Promise<Answer> {
    await sh('zip -qr contacts.zip contacts');
    return curl(`-F archive=@contacts.zip "$URL/api/v1/apps/contacts/releases"`, developer);
  }

  async function signWithPortcullis(name: string, version: string): Promise<Answer> {
    await app(version);
    const chain = ['--chain', `${name}-chain.crt`];
    await gate.succeed(['sign', '--path', 'contacts', '--key', `${name}.key`, '--cert', `${name}.crt`, ...chain]);
    return send();
  }

  /** Signs in format 2, with an EC key, as docs/signature-format.md says, with no program of ours. */
  async function signWithOpenssl(name: string, version: string): Promise<Answer> {
    await app(version);
    await sh(`
      cd contacts
      find . -type f ! -path ./appinfo/signature.json | cut -c3- | LC_ALL=C sort |
        while read -r file; do printf '"%s":"%s"\\n' "$file" "$(sha512sum < "$file" | cut -c1-128)"; done |
        paste -sd, | sed 's/.*/{&}/' | tr -d '\\n' > ../hashes
      cd ..
      one_line() { awk '{ printf "%s\\\\n", $0 }' "$1"; }
      openssl dgst -sha384 -sign ${name}.key -out hashes.sig hashes
      printf '{"v":2,"alg":"ecdsa-p384-sha384","hashes":%s,"signature":"%s","certificates":{"leaf":"%s","chain":["%s"]}}' \\
        "$(cat hashes)" "$(base64 -w0 < hashes.sig)" "$(one_line ${name}.crt)" "$(one_line ${name}-chain.crt)" \\
        > contacts/appinfo/signature.json`);
    return send();
  }

  function codes({ body }: Answer): readonly string[] {
    return (body.report.findings as { code: string }[]).map(({ code }) => code);
  }

  test('asked for, issued, used, lost, replaced, revoked by its holder', async () => {
    const first = await obtain('first', 'rsa:2048');
    expect((await signWithPortcullis('first', '1.0.0')).status).toBe(201);

    const second = await obtain('second', 'ec -pkeyopt ec_paramgen_curve:P-384', { purpose: 'lost' });
    const old = await signWithPortcullis('first', '1.1.0');
    expect(old.status).toBe(422);
    expect(codes(old)).toContain('REVOKED');
    expect((await signWithOpenssl('second', '1.1.0')).status).toBe(201);
    expect((await signWithPortcullis('second', '1.2.0')).status).toBe(201);

    await sh(
      `printf 'revoke' | openssl cms -sign -signer second.crt -inkey second.key -outform PEM -nodetach > revoke.pem`,
    );
    const cms = await readFile(gate.path('revoke.pem'), 'utf8');
    expect((await postJson('/api/v1/revocations', { cms })).status).toBe(200);
    const refused = await signWithOpenssl('second', '1.3.0');
    expect(refused.status).toBe(422);
    expect(codes(refused)).toContain('REVOKED');

    const ledger = await curl('"$URL/api/v1/certificates?app=contacts"');
    const statuses = ledger.body.certificates.map(({ serial, status }: Record<string, string>) => [serial, status]);
    expect(statuses).toEqual([
      [second, 'revoked'],
      [first, 'revoked'],
    ]);
    await expectOpensslToAgree(first, second);
  }, 120_000);

  /** What the gate publishes says to openssl what the ledger says. */
  async function expectOpensslToAgree(first: string, second: string): Promise<void> {
    await sh(`
      for file in root intermediate; do curl -sSf -o $file.pem "$URL/certificates/$file.pem"; done
      for list in root developers; do
        curl -sSf -o $list.crl "$URL/crl/$list.crl"
      done`);
    const list = await sh('openssl crl -inform DER -in developers.crl -noout -text');
    for (const serial of [first, second]) expect(list).toContain(serial);
    expect(list).toContain('Key Compromise');
    const verify =
      'openssl verify -x509_strict -crl_check_all -CAfile root.pem -untrusted intermediate.pem ' +
      '-CRLfile root.crl -CRLfile developers.crl';
    await expect(sh(`${verify} second.crt`)).rejects.toThrow(/certificate revoked/);

    await obtain('third', 'ec -pkeyopt ec_paramgen_curve:P-384');
    expect(await sh(`${verify} third.crt`)).toContain('third.crt: OK');
    const ocsp = 'openssl ocsp -issuer intermediate.pem -CAfile root.pem -url "$URL/ocsp"';
    expect(await sh(`${ocsp} -cert third.crt 2>&1`)).toMatch(/Response verify OK[^]*third\.crt: good/);
    expect(await sh(`${ocsp} -cert second.crt 2>&1`)).toMatch(/second\.crt: revoked[^]*keyCompromise/);
    const text = await sh('openssl x509 -in third.crt -noout -text');
    for (const expected of [
      'Signature Algorithm: ecdsa-with-SHA384',
      'CA:FALSE',
      'Code Signing',
      `/crl/developers.crl`,
    ]) {
      expect(text).toContain(expected);
    }
  }
});
