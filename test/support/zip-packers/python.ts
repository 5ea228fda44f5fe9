import { isInstalled } from '../installed.js';
import { run, type RefusedZipPacker, type ZipPacker } from './zip-packer.js';

/** `top` and `out` are set, `files` are the paths below `top`, sorted. */
const PRELUDE = `import os, shutil, sys, zipfile
top, out = sys.argv[1:]
files = sorted(os.path.join(d, f) for d, _, fs in os.walk(top) for f in fs)
def read(path):
  with open(path, 'rb') as f: return f.read()
`;

/** `pipe` can't seek; what is written into it lands in the archive. */
const TO_PIPE = `r, w = os.pipe()
if os.fork() == 0:
  os.close(w)
  with os.fdopen(r, 'rb') as source, open(out, 'wb') as target: shutil.copyfileobj(source, target)
  os._exit(0)
os.close(r)
pipe = os.fdopen(w, 'wb')
`;

function python(name: string, program: string): ZipPacker {
  return {
    name: `python-${name}`,
    tool: 'python3',
    isInstalled: () => isInstalled('python3'),
    pack: (folder, topLevel, out) => run('python3', ['-c', PRELUDE + program, topLevel, out], { cwd: folder }),
  };
}

/** Python's zipfile and shutil. */
export const pythonPackers: readonly ZipPacker[] = [
  {
    name: 'python-m-zipfile',
    tool: 'python3',
    isInstalled: () => isInstalled('python3'),
    pack: (folder, topLevel, out) => run('python3', ['-m', 'zipfile', '-c', out, topLevel], { cwd: folder }),
  },
  python('make-archive', `os.rename(shutil.make_archive(out, 'zip', '.', top), out)`),
  python(
    'deflated',
    `with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
  for f in files: z.write(f)`,
  ),
  python(
    'stored',
    `with zipfile.ZipFile(out, 'w') as z:
  for f in files: z.write(f)`,
  ),
  python(
    'appended',
    `for f in files:
  with zipfile.ZipFile(out, 'a', zipfile.ZIP_DEFLATED) as z: z.write(f)`,
  ),
  python(
    'to-pipe',
    `${TO_PIPE}with zipfile.ZipFile(pipe, 'w', zipfile.ZIP_DEFLATED) as z:
  for f in files: z.write(f)
pipe.close(); os.wait()`,
  ),
  python(
    'zip64',
    `with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
  for f in files:
    i = zipfile.ZipInfo.from_file(f); i.compress_type = zipfile.ZIP_DEFLATED
    with z.open(i, 'w', force_zip64=True) as e: e.write(read(f))`,
  ),
  python(
    'dos-host',
    `with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
  for f in files:
    i = zipfile.ZipInfo.from_file(f); i.create_system = 0; i.compress_type = zipfile.ZIP_DEFLATED
    z.writestr(i, read(f))`,
  ),
];

/** The zip64 descriptor of an empty file begins as one of four-byte sizes would. */
export const refusedPythonPackers: readonly RefusedZipPacker[] = [
  {
    ...python(
      'zip64-to-pipe',
      `${TO_PIPE}with zipfile.ZipFile(pipe, 'w', zipfile.ZIP_DEFLATED) as z:
  for f in files:
    i = zipfile.ZipInfo.from_file(f); i.compress_type = zipfile.ZIP_DEFLATED
    with z.open(i, 'w', force_zip64=True) as e: e.write(read(f))
pipe.close(); os.wait()`,
    ),
    codes: ['ARCHIVE_DESCRIPTOR_MISMATCH'],
  },
];
