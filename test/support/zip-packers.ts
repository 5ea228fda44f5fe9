import { commandPackers, refusedCommandPackers } from './zip-packers/commands.js';
import { goPackers, refusedGoPackers } from './zip-packers/go.js';
import { libraryPackers, refusedLibraryPackers } from './zip-packers/libraries.js';
import { phpPackers } from './zip-packers/php.js';
import { pythonPackers, refusedPythonPackers } from './zip-packers/python.js';
import type { RefusedZipPacker, ZipPacker } from './zip-packers/zip-packer.js';

/** The ordinary ways to make a zip that the gate accepts: programs, and libraries of Node, Python, PHP and Go. */
export const packers: readonly ZipPacker[] = [
  ...commandPackers,
  ...pythonPackers,
  ...phpPackers,
  ...goPackers,
  ...libraryPackers,
];

/** Ordinary ways too, but with a setting by which some readers could read the archive in another way. */
export const refusedPackers: readonly RefusedZipPacker[] = [
  ...refusedCommandPackers,
  ...refusedPythonPackers,
  ...refusedGoPackers,
  ...refusedLibraryPackers,
];
