// How many requests a second the storefront answers, each as a share of what a bare Express route does that has the same bytes ready,
// with a small catalogue and with a large one. See bench/README.md.
//
//   npm run bench:storefront -- [--large FOLDER] [--rounds 5] [--seconds 5] [--connections 20]
//
// FOLDER: a data folder that `npm run seed` has filled, in the place of one made for this (which takes some minutes).
/* global fetch */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { median } from './figures.mjs';

const run = promisify(execFile);
const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values } = parseArgs({
  options: {
    large: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '20' },
  },
});
const [rounds, seconds, connections] = [values.rounds, values.seconds, values.connections].map(Number);

const SAMPLES = 50;
const PAIRS = 10;
/** Headers that the bare route's server sets by itself. */
const OF_THE_CONNECTION = new Set(['connection', 'keep-alive', 'transfer-encoding', 'date']);
const kinds = [
  { kind: 'status', name: `status of ${PAIRS} releases`, expected: '200' },
  { kind: 'list', name: 'release list', expected: '200' },
  { kind: 'unchanged', name: 'release list, 304', expected: '304' },
];
const catalogues = [
  { apps: 100, releases: 1_000 },
  { apps: 100_000, releases: 1_000_000, folder: values.large },
];

console.log('| catalogue | question | gate, requests a second | bare Express | gate ÷ bare | memory of the gate |');
console.log('| --- | --- | --- | --- | --- | --- |');
const temporary = await mkdtemp(join(tmpdir(), 'portcullis-bench-'));
try {
  for (const catalogue of catalogues) for (const row of await measureCatalogue(catalogue)) console.log(row);
} finally {
  await rm(temporary, { recursive: true, force: true });
}

async function measureCatalogue({ apps, releases, folder = join(temporary, String(releases)) }) {
  const environment = { PATH: process.env.PATH, DATA_DIR: folder, HOST: '127.0.0.1', PORT: '0', SCREENSHOTS: 'off' };
  if (folder.startsWith(temporary)) {
    const words = ['--import', at('../test/support/typescript.mjs'), at('../scripts/seed-catalogue.ts')];
    await run(process.execPath, [...words, '--apps', String(apps), '--releases', String(releases)], {
      env: environment,
    });
  }
  const gate = await startGate(environment);
  try {
    const captured = await capture(gate.url);
    const file = join(temporary, `answers-${releases}.json`);
    await writeFile(file, JSON.stringify(captured));
    const bare = await startProgram([at('bare-program.mjs'), file]);
    try {
      const measured = await measure(gate.url, bare.url, captured);
      const memory = `${Math.round((await residentKilobytes(gate.program.pid)) / 1024)} MiB`;
      const size = `${releases.toLocaleString('en')} releases of ${apps.toLocaleString('en')} apps`;
      return measured.map(
        ({ name, own, others, ratio }) =>
          `| ${size} | ${name} | ${own.toFixed(0)} | ${others.toFixed(0)} | ${ratio.toFixed(2)} | ${memory} |`,
      );
    } finally {
      await end(bare.program);
    }
  } finally {
    await end(gate.program);
  }
}

/** The middle of the rounds; gate and bare route take turns, so that a slow moment of the machine meets both. */
async function measure(gateUrl, bareUrl, captured) {
  const found = kinds.map(({ name }) => ({ name, own: [], others: [], ratios: [] }));
  // The first round warms up and is not counted.
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { kind, expected }] of kinds.entries()) {
      const questions = captured[kind].map(({ question }) => question);
      const own = await load(gateUrl, questions, expected);
      const bareQuestions = captured[kind].map(({ question, path }) => ({ ...question, path }));
      const others = await load(bareUrl, bareQuestions, expected);
      if (round === 0) continue;
      found[index].own.push(own);
      found[index].others.push(others);
      found[index].ratios.push(own / others);
    }
  }
  return found.map(({ name, own, others, ratios }) => {
    return { name, own: median(own), others: median(others), ratio: median(ratios) };
  });
}

/** Requests a second; all must be answered, and with this status. */
async function load(url, requests, expected) {
  const order = { url, requests, connections, seconds };
  const words = [at('load-program.mjs'), JSON.stringify(order)];
  const { perSecond, statuses, failed } = JSON.parse((await run(process.execPath, words)).stdout);
  if (failed > 0 || Object.keys(statuses).some((status) => status !== expected)) {
    throw new Error(`${url}: ${JSON.stringify(statuses)}, ${failed} failed`);
  }
  return perSecond;
}

/** For each kind of question some, all over the catalogue, with the gate's answers and where the bare route has them. */
async function capture(url) {
  const { apps } = await (await fetch(`${url}/api/v1/apps?sort=name&limit=${SAMPLES}`)).json();
  const pairs = apps.map(({ id, version }) => ({ app: id, version }));
  const captured = { status: [], list: [], unchanged: [] };
  for (const [n, { id }] of apps.entries()) {
    const path = `/api/v1/apps/${id}/releases?limit=20`;
    const list = await ask(url, { method: 'GET', path, headers: {} });
    captured.list.push({ ...list, path });
    const headers = { 'if-none-match': list.headers.etag };
    captured.unchanged.push({ ...(await ask(url, { method: 'GET', path, headers })), path: `/unchanged${path}` });
    const releases = Array.from({ length: PAIRS }, (_, k) => pairs[(n + k) % pairs.length]);
    const question = {
      method: 'POST',
      path: `/api/v1/releases/status?n=${n}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ releases }),
    };
    captured.status.push({ ...(await ask(url, question)), path: question.path });
  }
  return captured;
}

async function ask(url, question) {
  const { method, path, headers, body } = question;
  // As the load tool asks: it takes no coding.
  const response = await fetch(url + path, { method, headers: { ...headers, 'accept-encoding': 'identity' }, body });
  const bytes = await response.text();
  const kept = [...response.headers].filter(([name]) => !OF_THE_CONNECTION.has(name));
  return { question, status: response.status, headers: Object.fromEntries(kept), body: bytes };
}

/** The built gate as a program of its own; its log goes to a file, as a service's would. */
async function startGate(environment) {
  const file = join(temporary, `gate-${Date.now()}.log`);
  const log = await open(file, 'w');
  const program = spawn(process.execPath, [at('../dist/main.js')], {
    cwd: temporary,
    env: environment,
    stdio: ['ignore', log.fd, 'inherit'],
  });
  await log.close();
  for (;;) {
    const said = /"address":"([^"]+)","msg":"listening"/.exec(await readFile(file, 'utf8'));
    if (said !== null) return { program, url: said[1] };
    if (program.exitCode !== null) throw new Error('The gate ended before it listened');
    await pause(100);
  }
}

async function startProgram(words) {
  const program = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(program.stdout, 'data');
  return { program, url: String(said).trim() };
}

async function end(program) {
  program.kill('SIGTERM');
  if (program.exitCode === null) await once(program, 'close');
}

/** What a process holds in memory; 0 where the system doesn't tell. */
async function residentKilobytes(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
}
