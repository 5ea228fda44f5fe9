import { bombs, several } from './bombs.js';
import { characters } from './characters.js';
import { clashes } from './clashes.js';
import { data } from './data.js';
import { descriptors } from './descriptors.js';
import { endRecords } from './end-records.js';
import { extraFields } from './extra-fields.js';
import { foreignFiles } from './foreign-files.js';
import { gaps } from './gaps.js';
import { headers, versions } from './headers.js';
import { inTheMannerOf } from './in-the-manner-of.js';
import { kinds, methods } from './kinds.js';
import { names } from './names.js';
import { ordinaryData, ordinaryExtraFields, ordinaryNames } from './ordinary-content.js';
import { ordinaryLayout } from './ordinary-layout.js';
import { otherFormats } from './other-formats.js';
import { overlaps } from './overlaps.js';
import { topLevel, versionControl } from './top-level.js';
import type { ZipCase, ZipCaseGroup } from './zip-case.js';
import { zip64Fields } from './zip64-fields.js';
import { zip64Records } from './zip64-records.js';

/** Archives that the gate refuses. */
export const hostileGroups: readonly ZipCaseGroup[] = [
  foreignFiles,
  otherFormats,
  endRecords,
  gaps,
  overlaps,
  headers,
  descriptors,
  versions,
  zip64Records,
  zip64Fields,
  extraFields,
  kinds,
  methods,
  names,
  characters,
  clashes,
  topLevel,
  versionControl,
  data,
  bombs,
  several,
];

/** Archives that the gate reads to their end, with warnings at most. Those that real tools made are files only. */
export const ordinaryGroups: readonly ZipCaseGroup[] = [
  ordinaryLayout,
  ordinaryExtraFields,
  ordinaryNames,
  ordinaryData,
  inTheMannerOf,
];

export const hostileCases: readonly ZipCase[] = hostileGroups.flatMap(({ cases }) => cases);
export const ordinaryCases: readonly ZipCase[] = ordinaryGroups.flatMap(({ cases }) => cases);
