// The least that an Express server can do for the same answers: each is found by its address, and sent as it was captured. Its one
// argument is the file that they are in; it prints its own address.
import { readFile } from 'node:fs/promises';
import express from 'express';

const answers = JSON.parse(await readFile(process.argv[2], 'utf8'));
const app = express();
app.disable('etag');
for (const [path, kind] of [
  ['/api/v1/apps/:appId/releases', 'list'],
  ['/unchanged/api/v1/apps/:appId/releases', 'unchanged'],
]) {
  const prepared = prepare(answers[kind]);
  app.get(path, (request, response) => send(response, prepared.get(request.originalUrl)));
}
const statuses = prepare(answers.status);
app.post('/api/v1/releases/status', express.json(), (request, response) =>
  send(response, statuses.get(request.originalUrl)),
);
const server = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));

function prepare(captured) {
  return new Map(
    captured.map(({ path, status, headers, body }) => [path, { status, headers, body: Buffer.from(body) }]),
  );
}

function send(response, { status, headers, body }) {
  response.status(status).set(headers);
  response.end(status === 304 ? undefined : body);
}
