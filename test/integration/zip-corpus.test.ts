import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultLimits, type Limits } from '../../src/archive/limits.js';
import { request, upload, type ApiAnswer } from '../support/api.js';
import { infoXml } from '../support/app-archive.js';
import { rawZip } from '../support/raw-zip.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';
import { corpusArchives, type CorpusArchive } from '../support/zip-corpus/table.js';

const archives = corpusArchives();
const plain = archives.filter(({ limits }) => limits === undefined);
const limited = archives.filter(({ limits }) => limits !== undefined);
/** Requests at once: what a store sees, and what keeps this test short. */
const AT_ONCE = 4;

/** Asks the gate what it would say of an archive: by itself, or as a form, as every other one is. */
async function validate(gate: TestGate, token: string, bytes: Buffer, asForm: boolean): Promise<ApiAnswer> {
  const url = `${gate.url}/api/v1/apps/app/validations`;
  if (!asForm) {
    const headers = { 'content-type': 'application/zip' };
    return request(url, { method: 'POST', token, headers, body: new Uint8Array(bytes) });
  }
  const body = new FormData();
  body.set('archive', new Blob([new Uint8Array(bytes)], { type: 'application/zip' }), 'app.zip');
  return request(url, { method: 'POST', token, body });
}

interface Verdict {
  readonly status: number;
  /** Of the archive and its names; what is said of `info.xml` is left out. */
  readonly codes: readonly string[];
  readonly refused: boolean;
}

function verdictOf({ status, body }: ApiAnswer): Verdict {
  if (status !== 200) return { status, codes: [String(body.code)], refused: true };
  const findings = body.report.findings as { code: string; severity: string }[];
  const codes = findings.map(({ code }) => code).filter((code) => code.startsWith('ARCHIVE_') || code === 'VCS_DATA');
  return { status, codes: [...new Set(codes)].sort(), refused: body.report.outcome === 'refused' };
}

function expectedOf({ codes }: CorpusArchive, answer: Verdict): Verdict {
  // What is no zip, or too large, is a fault of the request: there is nothing to report on.
  const status = codes.includes('ARCHIVE_NOT_ZIP') ? 415 : codes.includes('ARCHIVE_TOO_LARGE') ? 413 : 200;
  const hostile = codes.some((code) => code !== 'ARCHIVE_NAME_NOT_MARKED_UTF8');
  // An ordinary archive without info.xml is refused all the same, for that.
  return { status, codes, refused: hostile || answer.refused };
}

/** Runs `archives` through the gate, some at once. */
async function expectVerdicts(gate: TestGate, token: string, wanted: readonly CorpusArchive[]): Promise<void> {
  const expected: Record<string, Verdict> = {};
  const actual: Record<string, Verdict> = {};
  const queue = [...wanted.entries()];
  const drain = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, archive] = next;
      const verdict = verdictOf(await validate(gate, token, archive.bytes(), index % 2 === 1));
      actual[archive.file] = verdict;
      expected[archive.file] = expectedOf(archive, verdict);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, drain));
  expect(actual).toEqual(expected);
}

/** The files below `folder`, none where it isn't there. */
async function filesBelow(folder: string): Promise<readonly string[]> {
  if (!existsSync(folder)) return [];
  const items = await readdir(folder, { recursive: true, withFileTypes: true });
  return items.filter((item) => item.isFile()).map(({ name }) => name);
}

const storedArchives = (gate: TestGate): Promise<readonly string[]> =>
  filesBelow(join(gate.config.dataDir, 'archives'));
const temporaryFiles = (gate: TestGate): Promise<readonly string[]> => filesBelow(gate.gate.temporaryFolder);

describe('through HTTP', () => {
  let gate: TestGate;
  let token: string;
  beforeAll(async () => {
    gate = await startTestGate();
    token = await gate.token('app');
  });
  afterAll(async () => {
    await gate.stop();
  });

  test.each(['reject', 'accept'])('every archive in %s gets the findings that the reader has on it', async (folder) => {
    await expectVerdicts(
      gate,
      token,
      plain.filter(({ file }) => file.startsWith(folder)),
    );
    expect(await temporaryFiles(gate)).toEqual([]);
    expect(await storedArchives(gate)).toEqual([]);
  });

  test.each([
    ['reject/two-zips.zip', 422],
    ['reject/entry-left-out-between.zip', 422],
    ['reject/quoting-bomb.zip', 422],
    ['reject/bomb-flat.zip', 422],
    ['reject/symlink-then-file-below.zip', 422],
    ['reject/name-climbs.zip', 422],
    ['reject/html-page.zip', 415],
  ])('%s leaves no release and no temporary file when it is uploaded', async (file, status) => {
    const before = await storedArchives(gate);
    const archive = archives.find((one) => one.file === file);
    const answer = await upload(gate.url, token, 'app', archive?.bytes() ?? Buffer.alloc(0));
    expect(answer.status).toBe(status);
    expect((await request(`${gate.url}/api/v1/apps/app/releases`)).status).toBe(404);
    expect(await temporaryFiles(gate)).toEqual([]);
    // What was refused is kept with its submission, for whoever looks into it; what has no submission isn't.
    expect((await storedArchives(gate)).length - before.length).toBe(status === 422 ? 1 : 0);
  });

  test('an app in an ordinary archive is published, and what a hostile one of it would be is not', async () => {
    const appToken = await gate.token('corpus');
    const entries = [{ name: 'corpus/appinfo/info.xml', data: infoXml({ id: 'corpus' }) }];
    const hostile = rawZip({ entries: [...entries, { name: 'corpus/x', data: 'x', central: { name: 'corpus/y' } }] });
    const refused = await upload(gate.url, appToken, 'corpus', hostile);
    expect(refused.status).toBe(422);
    expect(verdictOf({ ...refused, status: 200 }).codes).toEqual(['ARCHIVE_HEADER_MISMATCH']);
    expect((await request(`${gate.url}/api/v1/apps/corpus/releases/1.0.0`)).status).toBe(404);

    const accepted = await upload(gate.url, appToken, 'corpus', rawZip({ entries }));
    expect(accepted.status).toBe(201);
    expect((await request(`${gate.url}/api/v1/apps/corpus/releases/1.0.0`)).status).toBe(200);
    expect(await temporaryFiles(gate)).toEqual([]);
  });
});

/** The archives of the same limits under those limits as JSON. */
function groupByLimits(wanted: readonly CorpusArchive[]): ReadonlyMap<string, readonly CorpusArchive[]> {
  const groups = new Map<string, CorpusArchive[]>();
  for (const archive of wanted) {
    const key = JSON.stringify(archive.limits);
    groups.set(key, [...(groups.get(key) ?? []), archive]);
  }
  return groups;
}

describe.each([...groupByLimits(limited)])('through HTTP, by a gate with the limits %s', (key, wanted) => {
  test('the findings are those of the reader', async () => {
    const limits: Limits = { ...defaultLimits, ...(JSON.parse(key) as Partial<Limits>) };
    const gate = await startTestGate({ config: { limits } });
    try {
      await expectVerdicts(gate, await gate.token('app'), wanted);
      expect(await temporaryFiles(gate)).toEqual([]);
    } finally {
      await gate.stop();
    }
  });
});
