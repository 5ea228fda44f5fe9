import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { makeCertificate, rootOptions, testExtension, testKeys } from './test-authority.js';
import type { CertificateOptions, TestCertificate } from './test-authority.js';
import { writeSequence } from '../../src/pki/der-writer.js';

/** A web server that can misbehave in every way, since what it sends is written byte for byte. */
export interface TestHttpsServer {
  readonly port: number;
  /** The requests' heads, in the order in which they came. */
  readonly heads: readonly string[];
  /** How many connections came, with or without a request. */
  connections(): number;
  /** Resolves when nobody is connected any more. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** The root that signs the certificates of test servers. */
export const webRoot = makeCertificate({
  ...rootOptions,
  commonName: 'Web Root',
  keys: testKeys('ec-p256', 'web root'),
});

/** A server's certificate for these names and IPv4 addresses, good unless the options say otherwise. */
export function webCertificate(names: readonly string[], options: CertificateOptions = {}): TestCertificate {
  return makeCertificate({
    commonName: 'web',
    issuer: webRoot,
    keys: testKeys('ec-p256', 'web server'),
    extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'],
    extensions: [testExtension('2.5.29.17', writeSequence(...names.map(writeGeneralName)))],
    ...options,
  });
}

/** RFC 5280, 4.2.1.6: dNSName is [2], iPAddress is [7]. */
function writeGeneralName(name: string): Buffer {
  const isAddress = /^[0-9.]+$/.test(name);
  const value = isAddress ? Buffer.from(name.split('.').map(Number)) : Buffer.from(name, 'ascii');
  return Buffer.concat([Buffer.from([isAddress ? 0x87 : 0x82, value.length]), value]);
}

/** Starts a server that hands every request's head to `answer`, which writes what it likes. */
export async function startHttpsServer(
  certificate: TestCertificate,
  answer: (socket: TLSSocket, head: string) => void,
  at: { readonly host?: string; readonly port?: number } = {},
): Promise<TestHttpsServer> {
  const heads: string[] = [];
  const open = new Set<unknown>();
  let connections = 0;
  let whenIdle: (() => void)[] = [];
  const server = createServer({ key: certificate.privateKeyPem, cert: certificate.pem }, (socket) => {
    let received = '';
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      const end = received.indexOf('\r\n\r\n');
      if (end === -1) return;
      const head = received.slice(0, end);
      received = received.slice(end + 4);
      heads.push(head);
      answer(socket, head);
    });
  });
  server.on('tlsClientError', () => {});
  server.on('connection', (socket) => {
    connections += 1;
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      open.delete(socket);
      if (open.size > 0) return;
      for (const wake of whenIdle) wake();
      whenIdle = [];
    });
  });
  await new Promise<void>((resolve) => server.listen(at.port ?? 0, at.host ?? '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    heads,
    connections: () => connections,
    idle: () => new Promise((resolve) => (open.size === 0 ? resolve() : whenIdle.push(resolve))),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** An answer with a body, whose length is told unless the headers tell something. */
export function httpAnswer(
  status: number,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Buffer {
  const all: Readonly<Record<string, string>> =
    'content-length' in headers || 'transfer-encoding' in headers
      ? headers
      : { ...headers, 'content-length': String(Buffer.byteLength(body)) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Test\r\n${lines.join('')}\r\n`), Buffer.from(body)]);
}
