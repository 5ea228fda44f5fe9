import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipArchive, type TransformOptions, type ZipOptions } from 'archiver';
import { Zip, ZipDeflate, ZipPassThrough, zipSync, type ZipAttributes } from 'fflate';
import jszip from 'jszip';
import { ZipFile } from 'yazl';
import { defaultLimits } from '../../../src/archive/limits.js';
import { readFolder } from '../../../src/archive/read-folder.js';
import { zipFolder } from '../../../src/commands/zip-folder.js';
import type { RefusedZipPacker, ZipPacker } from './zip-packer.js';

/** The paths of the regular files below `folder`, with `/`, sorted. */
async function filesBelow(folder: string, topLevel: string): Promise<readonly string[]> {
  const items = await readdir(join(folder, topLevel), { recursive: true, withFileTypes: true });
  const root = join(folder, topLevel);
  return items
    .filter((item) => item.isFile())
    .map((item) => `${topLevel}/${join(item.parentPath, item.name).slice(root.length + 1)}`)
    .sort();
}

function library(name: string, pack: ZipPacker['pack']): ZipPacker {
  return { name, tool: 'node', isInstalled: () => true, pack };
}

function archiver(name: string, options: ZipOptions & TransformOptions): ZipPacker {
  return library(name, async (folder, topLevel, out) => {
    const zip = new ZipArchive(options);
    zip.directory(join(folder, topLevel), topLevel);
    await Promise.all([zip.finalize(), pipeline(zip, createWriteStream(out))]);
  });
}

function archiverBuffers(name: string, options: ZipOptions & TransformOptions): ZipPacker {
  return library(name, async (folder, topLevel, out) => {
    const zip = new ZipArchive(options);
    for (const path of await filesBelow(folder, topLevel)) {
      zip.append(await readFile(join(folder, path)), { name: path });
    }
    await Promise.all([zip.finalize(), pipeline(zip, createWriteStream(out))]);
  });
}

function jszipWith(name: string, options: jszip.JSZipGeneratorOptions<'nodebuffer'>): ZipPacker {
  return library(`jszip-${name}`, async (folder, topLevel, out) => {
    const zip = new jszip();
    for (const path of await filesBelow(folder, topLevel)) {
      const { mode } = await stat(join(folder, path));
      zip.file(path, await readFile(join(folder, path)), { unixPermissions: mode });
    }
    await writeFile(out, await zip.generateAsync({ ...options, type: 'nodebuffer' }));
  });
}

function fflate(name: string, attributes: ZipAttributes & { level?: 0 | 6 | 9 }): ZipPacker {
  return library(`fflate-${name}`, async (folder, topLevel, out) => {
    const files: Record<string, Uint8Array> = {};
    for (const path of await filesBelow(folder, topLevel)) files[path] = await readFile(join(folder, path));
    await writeFile(out, zipSync(files, attributes));
  });
}

function fflateStreamed(name: string, stream: (path: string) => ZipDeflate | ZipPassThrough): ZipPacker {
  return library(`fflate-${name}`, async (folder, topLevel, out) => {
    const chunks: Uint8Array[] = [];
    const zip = new Zip((error, chunk) => {
      if (error !== null) throw error;
      chunks.push(chunk);
    });
    for (const path of await filesBelow(folder, topLevel)) {
      const file = stream(path);
      zip.add(file);
      file.push(await readFile(join(folder, path)), true);
    }
    zip.end();
    await writeFile(out, Buffer.concat(chunks));
  });
}

function yazl(
  name: string,
  add: (zip: ZipFile, file: string, path: string) => Promise<void> | void,
  end: { readonly forceZip64Format?: boolean; readonly comment?: string } = {},
): ZipPacker {
  return library(`yazl-${name}`, async (folder, topLevel, out) => {
    const zip = new ZipFile();
    zip.addEmptyDirectory(topLevel);
    for (const path of await filesBelow(folder, topLevel)) await add(zip, join(folder, path), path);
    zip.end({ forceZip64Format: false, comment: '', ...end });
    await pipeline(zip.outputStream, createWriteStream(out));
  });
}

/** What our own command `portcullis pack` writes. */
const own = library('portcullis-pack', async (folder, topLevel, out) => {
  const { contents } = await readFolder(join(folder, topLevel), defaultLimits);
  await writeFile(out, await zipFolder(contents, topLevel, new Date('2025-01-01T00:00:00Z')));
});

/** The libraries of Node. */
export const libraryPackers: readonly ZipPacker[] = [
  archiver('archiver', {}),
  archiver('archiver-best', { zlib: { level: 9 } }),
  archiver('archiver-zip64', { forceZip64: true }),
  archiverBuffers('archiver-buffers', { comment: 'made with archiver' }),
  archiverBuffers('archiver-buffers-stored', { store: true }),
  jszipWith('dos', { platform: 'DOS', compression: 'DEFLATE' }),
  jszipWith('unix', { platform: 'UNIX', compression: 'DEFLATE' }),
  jszipWith('dos-streamed', { platform: 'DOS', compression: 'DEFLATE', streamFiles: true }),
  jszipWith('unix-streamed', { platform: 'UNIX', compression: 'DEFLATE', streamFiles: true }),
  jszipWith('stored', { platform: 'UNIX', compression: 'STORE', comment: 'made with JSZip' }),
  fflate('deflated', {}),
  fflate('stored', { level: 0 }),
  fflate('unix', { level: 9, os: 3, attrs: (0o100644 << 16) >>> 0 }),
  fflateStreamed('streamed', (path) => new ZipDeflate(path, { level: 6 })),
  yazl('buffers', async (zip, file, path) => zip.addBuffer(await readFile(file), path)),
  yazl('files', (zip, file, path) => zip.addFile(file, path)),
  yazl('buffers-stored', async (zip, file, path) => zip.addBuffer(await readFile(file), path, { compress: false })),
  yazl('streams', (zip, file, path) => zip.addReadStream(createReadStream(file), path)),
  yazl('zip64-end-record', (zip, file, path) => zip.addFile(file, path), { forceZip64Format: true }),
  own,
];

/**
 * Stored and streamed: nothing but the descriptor tells where the data ends. And the zip64 descriptor of an empty file begins
 * as one of four-byte sizes would.
 */
export const refusedLibraryPackers: readonly RefusedZipPacker[] = [
  {
    ...yazl('zip64', (zip, file, path) => zip.addFile(file, path, { forceZip64Format: true }), {
      forceZip64Format: true,
    }),
    codes: ['ARCHIVE_DESCRIPTOR_MISMATCH'],
  },
  { ...archiver('archiver-stored', { store: true }), codes: ['ARCHIVE_UNKNOWN_LENGTH'] },
  {
    ...yazl('stored', (zip, file, path) => zip.addFile(file, path, { compress: false })),
    codes: ['ARCHIVE_UNKNOWN_LENGTH'],
  },
  { ...fflateStreamed('streamed-stored', (path) => new ZipPassThrough(path)), codes: ['ARCHIVE_UNKNOWN_LENGTH'] },
  { ...jszipWith('streamed-stored', { streamFiles: true }), codes: ['ARCHIVE_UNKNOWN_LENGTH'] },
];
