import { isInstalled } from '../installed.js';
import { run, succeeds, type ZipPacker } from './zip-packer.js';

/** `$top` and `$out` are set, `$files` are the paths below `$top`, sorted, and `$zip` is open for writing. */
const PRELUDE = `[, $top, $out] = $argv;
$files = [];
$tree = new RecursiveIteratorIterator(new RecursiveDirectoryIterator($top, FilesystemIterator::SKIP_DOTS));
foreach ($tree as $file) $files[] = $file->getPathname();
sort($files);
$zip = new ZipArchive();
if ($zip->open($out, ZipArchive::CREATE) !== true) exit(1);
`;

function php(name: string, program: string): ZipPacker {
  return {
    name: `php-${name}`,
    tool: 'php with ZipArchive',
    isInstalled: () => isInstalled('php') && succeeds(`php -r 'exit(class_exists("ZipArchive") ? 0 : 1);'`),
    pack: (folder, topLevel, out) =>
      run('php', ['-r', `${PRELUDE}${program}\nexit($zip->close() ? 0 : 1);`, '--', topLevel, out], { cwd: folder }),
  };
}

/** PHP's ZipArchive, which is libzip. */
export const phpPackers: readonly ZipPacker[] = [
  php('add-file', 'foreach ($files as $file) $zip->addFile($file);'),
  php('add-from-string', 'foreach ($files as $file) $zip->addFromString($file, file_get_contents($file));'),
  php(
    'stored',
    'foreach ($files as $file) { $zip->addFile($file); $zip->setCompressionName($file, ZipArchive::CM_STORE); }',
  ),
  php(
    'folders-and-comment',
    '$zip->addEmptyDir($top); foreach ($files as $file) $zip->addFile($file); $zip->setArchiveComment("made with PHP");',
  ),
];
