import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerOptions } from 'smtp-server';

/** Mail as a server got it. */
export interface ReceivedMail {
  readonly recipients: readonly string[];
  /** Headers and body. */
  readonly source: string;
  /** Who logged in; null where nobody did. */
  readonly user: string | null;
}

/** A mail server that keeps what it gets. */
export interface TestMailServer {
  readonly port: number;
  readonly received: readonly ReceivedMail[];
  close(): Promise<void>;
}

/** Starts an SMTP server that takes everything, unless the options say otherwise. */
export async function startMailServer(options: SMTPServerOptions = {}): Promise<TestMailServer> {
  const received: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    closeTimeout: 100,
    onData(stream, session, done) {
      text(stream).then(
        (source) => {
          const recipients = session.envelope.rcptTo.map(({ address }) => address);
          received.push({ recipients, source, user: typeof session.user === 'string' ? session.user : null });
          done();
        },
        (error: unknown) => done(error instanceof Error ? error : new Error('broken')),
      );
    },
    ...options,
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A server that does with a connection what it is told, and speaks no SMTP by itself. */
export async function startOddServer(
  welcome: (socket: Socket) => void,
): Promise<{ readonly port: number; connections(): number; close(): Promise<void> }> {
  const open = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    welcome(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
