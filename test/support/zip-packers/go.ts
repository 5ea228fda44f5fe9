import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isInstalled } from '../installed.js';
import { run, type RefusedZipPacker, type ZipPacker } from './zip-packer.js';

/** Packs with one of three ways of archive/zip: by name, by file header deflated, by file header stored. */
const PROGRAM = `package main

import (
	"archive/zip"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	how, top, out := os.Args[1], os.Args[2], os.Args[3]
	file, err := os.Create(out)
	check(err)
	archive := zip.NewWriter(file)
	check(filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		check(err)
		if entry.IsDir() {
			return nil
		}
		var target io.Writer
		if how == "by-name" {
			target, err = archive.Create(path)
		} else {
			info, err := entry.Info()
			check(err)
			header, err := zip.FileInfoHeader(info)
			check(err)
			header.Name = path
			if how == "deflated" {
				header.Method = zip.Deflate
			}
			target, err = archive.CreateHeader(header)
			check(err)
		}
		check(err)
		source, err := os.Open(path)
		check(err)
		defer source.Close()
		_, err = io.Copy(target, source)
		return err
	}))
	check(archive.Close())
	check(file.Close())
}
`;

function go(how: 'by-name' | 'deflated' | 'stored'): ZipPacker {
  return {
    name: `go-${how}`,
    tool: 'go',
    isInstalled: () => isInstalled('go'),
    async pack(folder, topLevel, out) {
      const program = await mkdtemp(join(tmpdir(), 'portcullis-go-'));
      try {
        await writeFile(join(program, 'pack.go'), PROGRAM);
        const env = { GO111MODULE: 'off', GOPROXY: 'off', GOFLAGS: '' };
        await run('go', ['run', join(program, 'pack.go'), how, topLevel, out], { cwd: folder, env });
      } finally {
        await rm(program, { recursive: true, force: true });
      }
    },
  };
}

/** Go's archive/zip, which writes to streams: sizes and CRC always follow the data. */
export const goPackers: readonly ZipPacker[] = [go('by-name'), go('deflated')];

/** Stored and streamed: nothing but the descriptor tells where the data ends. */
export const refusedGoPackers: readonly RefusedZipPacker[] = [{ ...go('stored'), codes: ['ARCHIVE_UNKNOWN_LENGTH'] }];
