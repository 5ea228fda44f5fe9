import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { webCertificate } from './https-server.js';
import type { TestCertificate } from './test-authority.js';

/** What a receiver got. */
export interface ReceivedHook {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A program that is told something over https; what it answers can be changed at any time. */
export interface WebhookReceiver {
  readonly port: number;
  readonly received: ReceivedHook[];
  answer: (response: ServerResponse, hook: ReceivedHook) => void;
  close(): Promise<void>;
}

export const RECEIVER_HOST = 'hooks.example';

/** Starts a receiver that says 204 to everything. */
export async function startWebhookReceiver(
  certificate: TestCertificate = webCertificate([RECEIVER_HOST]),
): Promise<WebhookReceiver> {
  const open = new Set<Socket>();
  const received: ReceivedHook[] = [];
  const server = createServer({ key: certificate.privateKeyPem, cert: certificate.pem }, (request, response) => {
    response.on('error', () => {});
    text(request).then(
      (body) => {
        const hook = { url: request.url ?? '', headers: request.headers, body };
        received.push(hook);
        receiver.answer(response, hook);
      },
      () => {},
    );
  });
  server.on('tlsClientError', () => {});
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: WebhookReceiver = {
    port: (server.address() as AddressInfo).port,
    received,
    answer: (response) => void response.writeHead(204).end(),
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
  return receiver;
}
