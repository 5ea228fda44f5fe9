import type { CatalogueEntry } from './catalogue-entry.js';

/** What is in an archive and does not belong there. Part of the catalogue, and append-only with it. */
export const contentsFindings = {
  PRIVATE_KEY_IN_ARCHIVE: {
    severity: 'error',
    message: 'A file holds a private key.',
    about:
      'Recognised by its content, whatever the file is called, also inside the source of a program; the message says what kind of key, where in the file, and of which certificate it is the key where that is known. Whoever has the archive has the key, and everybody can download a published app. The text "-----BEGIN PRIVATE KEY-----" alone is no finding: what follows must be a key.',
    innocently:
      'The key that the app is signed with lay in the folder that was signed or packed. Or a key came along with tests, with an example or with a library.',
    fix: 'Take the file out of the folder, use the key no longer (others may have seen the archive), then sign and pack again. Keys that a test needs are made when it runs.',
  },
  PRIVATE_KEY_SEARCH_INCOMPLETE: {
    severity: 'error',
    message: 'The search for private keys was not finished: the archive holds too much that looks like one.',
    about:
      'What looks like the beginning of a private key, a label of PEM or the "kty" of a JWK, is read to see whether it is one. An archive with so many of them that this would take long is not read through, and a search that was not finished has not passed. The files named are those with such places that were left.',
    innocently:
      'A file of data that lists thousands of such labels or public keys, or hundreds of private keys for tests, was packed along.',
    fix: 'Take these files out of the app, or the private keys where there are any; then sign and pack again.',
  },
  NESTED_SIGNATURE_FILE: {
    severity: 'error',
    message: 'There is another signature.json than the one in appinfo.',
    about:
      'An app has one signature file, appinfo/signature.json. Another one speaks of other files, and a program that looks for signature files finds both.',
    innocently:
      'A built or signed copy of the app, or of another app, was left in the folder and packed along; or a file of the app happens to be called signature.json.',
    fix: 'Remove the copy it belongs to, or rename the file; then sign and pack again.',
    configurable: true,
    liftable: true,
  },
  NESTED_APPINFO: {
    severity: 'error',
    message: 'There is another appinfo folder below the top-level one.',
    about:
      'An archive is one app. A server that is pointed at a folder further down, or looks for apps there, would find another app, which nobody has judged. The folder lib/AppInfo, where apps have their classes, is not meant.',
    innocently:
      'A build wrote a copy of the app into its own folder (build/, dist/, release/), and the whole folder was packed; or another app was put inside as a library or as test data.',
    fix: 'Remove the copy, or leave the build folder out: then sign and pack again.',
    configurable: true,
    liftable: true,
  },
  JUNK_FILES: {
    severity: 'warning',
    message: 'The archive holds files that nobody needs on a server.',
    about:
      'Packages for building (node_modules, bower_components), the tests at the top of the app, configuration of build servers and editors, .env, and what editors, desktops and programs leave behind. Each folder is named once, with what is in it. Such files make the archive larger, are code that a web server may serve, and sometimes tell secrets.',
    innocently: 'The working folder was packed as it is.',
    fix: 'Build into a folder of its own, or leave these out when packing: git archive with export-ignore lines in .gitattributes, for example. Then sign again.',
    configurable: true,
    liftable: true,
  },
} as const satisfies Record<string, CatalogueEntry & { readonly innocently: string; readonly fix: string }>;
