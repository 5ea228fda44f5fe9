import type { SMTPTransportOptions } from 'nodemailer';

/** Of every step of the dialogue with the mail server. */
const CONNECT_MS = 15_000;
const SILENCE_MS = 30_000;

/**
 * How a mail server is reached, from the address in the settings. `smtps:` is TLS from the first byte on. With `smtp:` TLS
 * begins by STARTTLS (RFC 3207) where the server offers it, and where there is a password it must: whoever sits in between
 * can take the offer away, and would read the password. A server on this very machine is spoken to as it is.
 *
 * @param url `smtp://user:password@host:587` or `smtps://…`, as the settings have checked it; what follows the host is
 *   not looked at, so that nobody turns TLS off by a parameter
 * @param ca the roots to trust for TLS, in PEM, instead of those that Node.js knows
 */
export function smtpSettings(url: string, ca?: string): SMTPTransportOptions {
  const { protocol, hostname, port, username, password } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const secure = protocol === 'smtps:';
  const hasCredentials = username !== '' || password !== '';
  const isHere = isLoopback(host);
  return {
    host,
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && hasCredentials && !isHere,
    ignoreTLS: !secure && isHere,
    ...(hasCredentials && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    dnsTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    socketCloseTimeout: 1_000,
    maxResponseSize: 64 * 1024,
    // Mail is text that we wrote: nothing in it is to be fetched or read from the disk.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
