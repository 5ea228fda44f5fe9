import type { ArchiveError, ArchiveWarning } from './catalogue-entry.js';

const PACK_AGAIN = 'Pack the app again with an ordinary tool: portcullis pack DIR';
const PACK_FRESH =
  'Delete the zip and pack the folder into a new one, rather than editing what is there: portcullis pack DIR';
const SEND_AS_IT_IS =
  'Send the file as the packing tool wrote it, in binary, with nothing put before, into or behind it: portcullis pack DIR';
const RENAME = 'Rename the file, and sign the app again.';

/** What can be wrong with an archive as such: its structure, its names, the kinds and the data of its entries. */
export const archiveFindings = {
  // ── The archive as a whole ────────────────────────────────────────────────────────────────────────────────
  ARCHIVE_NOT_ZIP: {
    severity: 'error',
    message: 'The file is not a zip archive.',
    about: 'The bytes do not begin as a zip does.',
    innocently:
      'A tar.gz was uploaded, an HTML error page or a JSON answer was saved as .zip, the zip is a self-extracting program or one part of a split archive (zip -s), or a web server printed a notice before it.',
    fix: PACK_AGAIN,
  },
  ARCHIVE_EMPTY: {
    severity: 'error',
    message: 'The archive holds no files.',
    about: 'The zip is well-formed but has nothing in it, or only folders.',
    innocently: 'A build step packed its output folder before anything was built into it.',
    fix: 'Look at what is in the folder and pack it again: portcullis pack DIR',
  },
  ARCHIVE_TOO_LARGE: {
    severity: 'error',
    message: 'The archive is larger than the store accepts.',
    about: 'See GET /api/v1/limits for the sizes this store accepts.',
    innocently: 'Build products, sample media or development dependencies were packed along.',
    fix: 'Leave build products, tests and development dependencies out of the archive.',
  },
  ARCHIVE_TOO_MANY_ENTRIES: {
    severity: 'error',
    message: 'The archive has more entries than the store accepts.',
    about: 'Counted with the folders that the paths imply.',
    innocently: 'Usually node_modules or the development dependencies of Composer in vendor were packed along.',
    fix: 'Leave build products, tests and development dependencies out of the archive.',
  },
  ARCHIVE_NAMES_TOO_LONG: {
    severity: 'error',
    message: 'The names of all entries together are longer than the store accepts.',
    about:
      'Their number is within the limit and so may be the length of each, but not the sum: 170 bytes for each entry that the store accepts at most. Whoever reads an archive has all its names in memory.',
    innocently:
      'A deep tree with tens of thousands of files was packed along: node_modules within node_modules, or a cache whose files are called after long digests.',
    fix: 'Leave build products, caches and development dependencies out of the archive.',
  },
  ARCHIVE_INFLATES_TOO_LARGE: {
    severity: 'error',
    message: 'The archive unpacks to more than the store accepts.',
    about: 'Counted on the bytes that really come out, not on what the archive declares.',
    innocently: 'Large text files, such as database dumps or logs, compress so well that the zip itself stays small.',
    fix: 'Leave out what the app does not need to run.',
  },
  ARCHIVE_FILE_TOO_LARGE: {
    severity: 'error',
    message: 'A file in the archive is larger than the store accepts.',
    about: 'Counted on the bytes that really come out, not on what the archive declares.',
    innocently: 'A database dump, a log or a sample video was left in the folder.',
    fix: 'Leave the file out, or let the app load it when it is needed.',
  },
  ARCHIVE_RATIO_TOO_HIGH: {
    severity: 'error',
    message: 'A file in the archive is compressed beyond what ordinary content reaches.',
    about:
      'The mark of a decompression bomb. Only counted for what unpacks past 16 MiB, since real text compresses well.',
    innocently: 'A disk image, a sparse file or a test file full of zeros was packed along.',
    fix: 'Leave the file out, or create it when it is needed.',
  },
  ARCHIVE_TIMEOUT: {
    severity: 'error',
    message: 'Reading the archive took longer than the store allows.',
    about: 'The archive is built to cost time, or the store is overloaded.',
    innocently: 'The store has too much to do just now; the same upload passes later.',
    fix: 'Try again; if it stays, make the archive smaller.',
  },
  ARCHIVE_NO_TOP_LEVEL_FOLDER: {
    severity: 'error',
    message: 'The archive must hold exactly one top-level folder, named as the app id.',
    about: 'Files lie at the top of the archive, or there are several folders.',
    innocently:
      'The content of the folder was packed rather than the folder itself, or a tool put something beside it: macOS its __MACOSX, jar its META-INF, a desktop its .DS_Store.',
    fix: 'Pack the folder itself, from its parent: portcullis pack DIR',
  },
  // ── Structure: one reading ────────────────────────────────────────────────────────────────────────────────
  ARCHIVE_MALFORMED: {
    severity: 'error',
    message: 'The archive is damaged or not well-formed.',
    about: 'A record of the zip is not where it must be, or cannot be read.',
    innocently:
      'A part of the file was overwritten: by a failing disk, by a broken download, or by a tool that edits archives in place.',
    fix: PACK_FRESH,
  },
  ARCHIVE_TRUNCATED: {
    severity: 'error',
    message: 'The end of the archive is missing.',
    about:
      'There is no end record, or it speaks of a comment or a central directory that reach beyond the end of the file.',
    innocently:
      'An upload or a download was interrupted, the disk was full, or the zip was sent while it was still being written.',
    fix: 'Compare the size of the file with that of the original and send it again, or pack anew: portcullis pack DIR',
  },
  ARCHIVE_TRAILING_BYTES: {
    severity: 'error',
    message: 'There are bytes after the end record.',
    about: 'The end record must end the file. Some readers look for it from the end and find another, or none.',
    innocently:
      'A script printed something after the zip it sent, a transfer in text mode or an editor added a line end, a signature was appended to the file, or bsdtar wrote to a pipe: there it pads with zeros (bsdtar -a -cf FILE.zip writes none).',
    fix: SEND_AS_IT_IS,
  },
  ARCHIVE_STRAY_BYTES: {
    severity: 'error',
    message: 'There are bytes that belong to no entry and no record.',
    about:
      'They lie before the first entry, between two, or before or after the central directory. Some readers correct for them, others do not, and anything can be hidden there.',
    innocently:
      'The stub of a self-extracting archive stands before the zip, an aligning tool left padding between the entries, or an APK signing block lies before the central directory.',
    fix: PACK_FRESH,
  },
  ARCHIVE_UNLISTED_ENTRY: {
    severity: 'error',
    message: 'The archive holds an entry that its central directory leaves out.',
    about:
      'Readers that go through the file from the front unpack it; those that go by the central directory never see it.',
    innocently:
      'Two zips were joined (cat a.zip b.zip), or a tool replaced or deleted a file by writing a new central directory and left the old data where it was, as some libraries do when they append.',
    fix: PACK_FRESH,
  },
  ARCHIVE_HIDDEN_RECORD: {
    severity: 'error',
    message: 'A second zip record is hidden in the archive.',
    about:
      'A comment, an extra field, bytes between the entries or the data of the last files hold a record that some readers would take for the real one. That is how one file shows two contents.',
    innocently:
      'Two zips were joined, a zip was put into the comment of another, or a zip without entries is among the last files and not compressed. Else it seldom comes about by accident.',
    fix: PACK_FRESH,
  },
  ARCHIVE_OVERLAP: {
    severity: 'error',
    message: 'Two entries, or an entry and a record, share bytes.',
    about: 'The mark of a bomb that quotes itself, and a way to show each reader another file.',
    innocently:
      'A packing tool with a fault, such as one that saves space by listing the same data under two names. Tools that pack an ordinary folder never do it.',
    fix: PACK_AGAIN,
  },
  ARCHIVE_MULTI_DISK: {
    severity: 'error',
    message: 'The archive is one part of a split or spanned archive.',
    about: 'A disk number other than 0 stands in one of its records.',
    innocently: 'It was made with zip -s, or with the option of a packing program that splits archives into volumes.',
    fix: 'Join the parts (zip -s 0 SPLIT.zip --out WHOLE.zip), or pack into a single file: portcullis pack DIR',
  },
  ARCHIVE_DIRECTORY_MISMATCH: {
    severity: 'error',
    message: 'The end record and the central directory disagree.',
    about: 'On the number of entries, or on the size or the place of the central directory.',
    innocently:
      'A tool that writes no zip64 records packed more than 65,535 files and let the count run over, or bytes at the beginning of the file were lost.',
    fix: PACK_AGAIN,
  },
  ARCHIVE_ZIP64_MISMATCH: {
    severity: 'error',
    message: 'The zip64 fields of the archive contradict its other fields.',
    about:
      'A 32-bit field and its zip64 twin disagree, a field points to a twin that is not there, or a zip64 record or extra field is not as it must be.',
    innocently:
      'A packing library with a fault in its zip64 part, most often one that writes to a stream without knowing sizes beforehand.',
    fix: PACK_AGAIN,
  },
  ARCHIVE_HEADER_MISMATCH: {
    severity: 'error',
    message: "An entry's local header and its central directory entry disagree.",
    about: 'On the name, the method, the flags, the CRC or a size. Readers go by the one or by the other.',
    innocently:
      'A tool renamed files, marked names as UTF-8 or normalised an archive in the central directory only, without touching the local headers.',
    fix: PACK_FRESH,
  },
  ARCHIVE_DESCRIPTOR_MISMATCH: {
    severity: 'error',
    message: "An entry's data descriptor is not what it must be.",
    about:
      'It is missing, stands there though no flag announces it, disagrees with the central directory, can be read with sizes of four bytes and of eight, or is not the only one that a reader from the front could take.',
    innocently:
      'A library that packs to a stream left the descriptor out or wrote zip64 sizes where they were not announced; or zip64 was forced for an empty file, as force_zip64 of Python does.',
    fix: 'Pack into a file instead of a stream or a pipe, without forcing zip64: portcullis pack DIR',
  },
  ARCHIVE_UNKNOWN_LENGTH: {
    severity: 'error',
    message: "A stored entry's length is told by nothing but its data descriptor.",
    about:
      'Whoever reads from the front would have to search the data for something that looks like a descriptor, and the data may hold one.',
    innocently: 'Some libraries that pack to a stream do this for files they store without compressing them.',
    fix: 'Compress the entries, or pack into a file instead of a stream: portcullis pack DIR',
  },
  ARCHIVE_EXTRA_FIELD_MALFORMED: {
    severity: 'error',
    message: "An entry's extra fields are not well-formed.",
    about:
      'A field reaches beyond the others, stands twice, or bytes are left over. Readers take the first, the last, or stop.',
    innocently:
      'Aligning tools, such as older versions of zipalign, fill the extra field with bytes that are no field; some editors of archives append the same field again.',
    fix: PACK_FRESH,
  },
  ARCHIVE_EXTRA_FIELD_CONFLICT: {
    severity: 'error',
    message: 'An extra field makes something else of an entry.',
    about:
      'It gives the entry another name, kind, link target or encryption than the rest of the archive does, and only some readers know the field.',
    innocently:
      'An old Windows packer wrote the name in its code page and the real one in a Unicode field, or an entry was renamed and its Unicode path field was not.',
    fix: 'Pack with a tool that writes UTF-8 names and no such fields: portcullis pack DIR, or zip -X',
  },
  ARCHIVE_COMMENT_ENCODING: {
    severity: 'error',
    message: "An entry's comment cannot be decoded.",
    about:
      'It is not valid UTF-8, or is marked as UTF-8 and has control characters. Some readers refuse the whole archive for it: Java in the first case, PHP in the second.',
    innocently: 'Comments were given to the entries (zip -c) on a system whose terminal does not speak UTF-8.',
    fix: 'Pack without comments: portcullis pack DIR',
  },
  ARCHIVE_VERSION_NEEDED: {
    severity: 'error',
    message: 'An entry asks for a version of the format that some readers pass over.',
    about:
      'Nothing stored or deflated needs more than version 4.5. Info-ZIP leaves out what asks for more than 4.6, Python refuses the archive above 6.3, Java and PHP do not look.',
    innocently: 'A packing library writes one high version for all entries instead of the one that each needs.',
    fix: PACK_AGAIN,
  },
  ARCHIVE_RESERVED_FLAGS: {
    severity: 'error',
    message: 'An entry has reserved general purpose flags set.',
    about: 'Nobody knows what they will mean, and readers treat them each its own way.',
    innocently: 'A packing library with a fault, or one that uses such a flag for purposes of its own.',
    fix: PACK_AGAIN,
  },
  ARCHIVE_POLYGLOT: {
    severity: 'error',
    message: 'The archive is one of another format as well.',
    about:
      'The data of its first files spells the header of a tar archive or of an ISO 9660 image at the place where readers of several formats look for it. They would unpack other files than a reader of zips.',
    innocently:
      'Chance does not do this: a tar or an image that is merely packed along lies elsewhere in the file. Somebody made it to be two at once.',
    fix: PACK_FRESH,
  },
  ARCHIVE_AMBIGUOUS: {
    severity: 'error',
    message: 'Two readers could read this archive differently.',
    about:
      'The second reader that the gate asks lists something else than the first, and no more precise finding says why. What the gate checks must be what a server installs.',
    innocently: 'It is not known to come about innocently. Please report it to the operators of the store.',
    fix: PACK_AGAIN,
  },
  // ── Kind and data of an entry ─────────────────────────────────────────────────────────────────────────────
  ARCHIVE_ENCRYPTED: {
    severity: 'error',
    message: 'An entry is encrypted.',
    about: 'What the gate cannot read, it cannot check.',
    innocently: 'The packing program had a password set, or zip was called with -e.',
    fix: 'Pack the app without a password.',
  },
  ARCHIVE_METHOD_UNSUPPORTED: {
    severity: 'error',
    message: 'An entry uses a compression method other than stored and deflate.',
    about: 'Not every server can unpack bzip2, LZMA, zstd and the like.',
    innocently:
      'It was packed with zip -Z bzip2 or 7z -mm=LZMA, by WinZip with its best method, or by Windows Explorer, which uses deflate64 for very large files.',
    fix: 'Pack with deflate, which is the default of most tools: portcullis pack DIR',
  },
  ARCHIVE_DATA_CORRUPT: {
    severity: 'error',
    message: "An entry's data cannot be unpacked.",
    about: 'The deflate stream is broken or ends early.',
    innocently:
      'The file was damaged on its way, for instance by a transfer in text mode, or the packing was interrupted.',
    fix: PACK_AGAIN,
  },
  ARCHIVE_DATA_AFTER_STREAM: {
    severity: 'error',
    message: "There are bytes after the end of an entry's deflate stream.",
    about:
      'The stream ends before the compressed size that is declared. Readers pass over the rest, so anything can be hidden there.',
    innocently: 'A packing library counts padding, or a data descriptor, as compressed data.',
    fix: PACK_AGAIN,
  },
  ARCHIVE_CRC_MISMATCH: {
    severity: 'error',
    message: "An entry's content does not match its CRC-32.",
    about: 'The archive was damaged or altered after it was made.',
    innocently: 'The file was damaged on its way, or changed on disk while it was being packed.',
    fix: PACK_AGAIN,
  },
  ARCHIVE_SIZE_MISMATCH: {
    severity: 'error',
    message: "An entry's size is not the size it declares.",
    about: 'The archive was damaged or altered after it was made.',
    innocently: 'The file grew or shrank on disk while it was being packed, such as a log that is being written.',
    fix: PACK_AGAIN,
  },
  ARCHIVE_SYMLINK: {
    severity: 'error',
    message: 'An entry is a symbolic link.',
    about: 'A link can point outside the app, and its target is not covered by the signature.',
    innocently:
      'The folder holds links, as npm link and node_modules/.bin make them, and was packed with zip -y, git archive or bsdtar, which keep them.',
    fix: 'Replace the link by a copy of what it points to, or pack with zip -r, which follows links.',
  },
  ARCHIVE_SPECIAL_FILE: {
    severity: 'error',
    message: 'An entry is neither a regular file nor a folder.',
    about: 'Devices, sockets, named pipes and volume labels have no place in an app.',
    innocently: 'Seldom: a program that builds the zip entry by entry copies the mode of a socket or a pipe along.',
    fix: 'Remove it and pack again: find DIR ! -type f ! -type d',
  },
  ARCHIVE_KIND_CONFLICT: {
    severity: 'error',
    message: "An entry's name and its attributes disagree on whether it is a folder.",
    about: 'A folder is what ends with a slash for some readers, and what has the attribute for others.',
    innocently: 'A program builds the zip entry by entry and forgets the slash, or the attribute, for folders.',
    fix: 'Leave entries for folders out (zip -D), or pack with an ordinary tool: portcullis pack DIR',
  },
  ARCHIVE_FOLDER_WITH_DATA: {
    severity: 'error',
    message: 'A folder has content.',
    about: 'Readers that overlook the slash at the end of its name would unpack a file with this content.',
    innocently: 'A program builds the zip entry by entry and wrote a file under a name that ends with a slash.',
    fix: PACK_AGAIN,
  },
  ARCHIVE_UNSAFE_MODE: {
    severity: 'error',
    message: 'An entry carries the setuid, setgid or sticky bit.',
    about: 'Unpacked by root, such a bit gives rights away.',
    innocently: 'Folders on a shared drive often carry the setgid bit, and new ones below inherit it.',
    fix: 'Clear it and pack again: chmod -R u-s,g-s,-t DIR',
  },
  // ── Names ─────────────────────────────────────────────────────────────────────────────────────────────────
  ARCHIVE_UNSAFE_NAME: {
    severity: 'error',
    message: 'An entry has a name that is not safe to unpack.',
    about: 'Stands in older reports only.',
    retired: 'Each reason has a code of its own now, `ARCHIVE_NAME_…`.',
  },
  ARCHIVE_NAME_EMPTY: {
    severity: 'error',
    message: 'A name, or a part of it, is empty.',
    about: 'Some readers skip the empty part, others stop or take the path for an absolute one.',
    innocently: 'A program joined a folder that ends with a slash and a name with another slash.',
    fix: 'Write each path with single slashes: portcullis pack DIR',
  },
  ARCHIVE_NAME_ABSOLUTE: {
    severity: 'error',
    message: 'A name is absolute.',
    about: 'It begins with a slash, a drive letter or the name of a server, and could be unpacked to there.',
    innocently: 'A program passed the whole path of the file on disk as the name of the entry.',
    fix: 'Pack from the parent of the folder, with relative paths: portcullis pack DIR',
  },
  ARCHIVE_NAME_TRAVERSAL: {
    severity: 'error',
    message: 'A name has a part "." or "..".',
    about: 'With ".." a file could be unpacked outside of the app.',
    innocently: 'A program passed a path such as ../dist/app.js or ./app.js as the name of the entry.',
    fix: 'Pack from the parent of the folder, with plain paths: portcullis pack DIR',
  },
  ARCHIVE_NAME_BACKSLASH: {
    severity: 'error',
    message: 'A name has a backslash.',
    about:
      'It is a separator on Windows and a character like any other elsewhere, so the same entry lands in different places.',
    innocently:
      'The archive was made on Windows by ZipFile of the .NET Framework before 4.6.1, or by a program that passes Windows paths on as they are.',
    fix: 'Rename the file if the backslash is part of its name; else pack with a tool that writes forward slashes: portcullis pack DIR',
  },
  ARCHIVE_NAME_UNPRINTABLE: {
    severity: 'error',
    message: 'A name has a character that cannot be seen or that misleads.',
    about:
      'NUL and other control characters, bidirectional ones, line separators, the byte-order mark, non-characters.',
    innocently:
      'The name was copied from a document or a web page along with an invisible character, or a script left the line end on it.',
    fix: RENAME,
  },
  ARCHIVE_NAME_COLON: {
    severity: 'error',
    message: 'A name has a colon.',
    about: 'On Windows it opens another stream of a file, or a drive.',
    innocently:
      'Files are named by a time such as 12:30, or by a class such as App::Test, which Linux and macOS allow.',
    fix: RENAME,
  },
  ARCHIVE_NAME_RESERVED: {
    severity: 'error',
    message: 'A name is reserved by a system or a reader.',
    about:
      'Windows takes con, prn, aux, nul, com1, lpt1 and the like for devices, with any extension, and names such as SIGNAT~1.JSO for short forms of others; Info-ZIP cuts a version number such as ;1 off the end.',
    innocently: 'A source file is called aux.c or con.js, which Linux and macOS allow.',
    fix: RENAME,
  },
  ARCHIVE_NAME_TRAILING_DOT: {
    severity: 'error',
    message: 'A name, or a part of it, ends with a dot or a space.',
    about: 'Windows drops it, and with it the difference to another name.',
    innocently: 'A slip when the file was named, which Linux and macOS allow.',
    fix: RENAME,
  },
  ARCHIVE_NAME_ENCODING: {
    severity: 'error',
    message: "An entry's name is not valid UTF-8.",
    about: 'Readers guess the code page of such a name, each its own way.',
    innocently:
      'It was packed by Windows Explorer or an older Windows program, which write names in the code page of the system.',
    fix: 'Rename the file, or pack with a tool that writes UTF-8 names: portcullis pack DIR',
  },
  ARCHIVE_DUPLICATE_NAME: {
    severity: 'error',
    message: 'Two entries have the same name.',
    about:
      'Equal as they stand, or when case, Unicode normalisation or invisible characters are ignored, as some file systems do, or when they are read as code page 437. One would overwrite the other.',
    innocently:
      'A Linux system keeps README and readme side by side; macOS wrote é in two characters and Linux in one; or a file was appended to the zip a second time.',
    fix: 'Keep one of the two, rename the other, and pack into a new zip.',
  },
  ARCHIVE_NAME_CONFLICT: {
    severity: 'error',
    message: 'A name is used both as a file and as a folder.',
    about: 'No file system can hold both; which one wins depends on the reader.',
    innocently: 'A file became a folder between two builds, and the new content was added to the old zip.',
    fix: PACK_FRESH,
  },
  ARCHIVE_PATH_TOO_LONG: {
    severity: 'error',
    message: 'A path is longer than the store accepts.',
    about: 'Counted in bytes of UTF-8.',
    innocently: 'Nested dependencies, or a generated file that is named after its content.',
    fix: 'Shorten the path.',
  },
  ARCHIVE_PATH_TOO_DEEP: {
    severity: 'error',
    message: 'A path has more levels than the store accepts.',
    about: 'Ordinary apps have fewer than ten.',
    innocently: 'Nested node_modules, or a link to a folder above that the packing tool followed.',
    fix: 'Move the file up, or leave it out.',
  },
  ARCHIVE_NAME_NOT_MARKED_UTF8: {
    severity: 'warning',
    message: "An entry's name is UTF-8 without saying so.",
    about:
      'Info-ZIP on Linux writes such names. Readers that go by the letter of the format take them for code page 437 and unpack other names.',
    fix: 'Pack with a tool that marks UTF-8 names: portcullis pack DIR',
    configurable: true,
  },
  VCS_DATA: {
    severity: 'error',
    message: 'The archive holds version control data.',
    about: 'A .git, .svn or .hg folder carries the whole history, often with secrets in it.',
    innocently: 'The working copy was packed as it is, with zip -r, or a dependency was checked out with its own .git.',
    fix: 'Pack without it: git archive --format=zip --prefix=APPID/ -o APPID.zip HEAD, or portcullis pack DIR',
  },
} as const satisfies Readonly<Record<string, ArchiveError | ArchiveWarning>>;
