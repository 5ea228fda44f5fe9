import { RequestError } from '../request-error.js';
import { normalPassword } from './password-hash.js';

const MIN_CHARACTERS = 12;
const MAX_CHARACTERS = 256;

/** What guessing begins with, in lower case; a password must be more than a row of these. */
const COMMON_PARTS = [
  ...[
    'password',
    'passwort',
    'passphrase',
    'passcode',
    'qwertyuiop',
    'qwertzuiop',
    'qwerty',
    'qwertz',
    'azerty',
    'asdfghjkl',
  ],
  ...[
    'asdfgh',
    'asdf',
    'zxcvbnm',
    'yxcvbnm',
    '1q2w3e4r5t6z',
    '1q2w3e4r5t',
    '1q2w3e4r',
    '1qaz2wsx3edc',
    '1qaz2wsx',
    'qazwsx',
  ],
  ...['01234567890', '1234567890', '0987654321', '987654321', '123456789', '12345678', '1234567', '654321', '123456'],
  ...[
    '12345',
    '54321',
    '1234',
    '4321',
    '123',
    '321',
    'abcdefghijklmnopqrstuvwxyz',
    'abcdefghijkl',
    'abcdefgh',
    'abcdef',
  ],
  ...[
    'abcd',
    'abc',
    'letmein',
    'welcome',
    'iloveyou',
    'administrator',
    'administrateur',
    'admin',
    'moderator',
    'developer',
  ],
  ...['operator', 'portcullis', 'owncloud', 'nextcloud', 'appstore', 'superuser', 'changeme', 'secret', 'geheim'],
  ...[
    'monkey',
    'dragon',
    'football',
    'baseball',
    'sunshine',
    'princess',
    'starwars',
    'computer',
    'internet',
    'trustno1',
  ],
  ...['whatever', 'michael', 'default', 'access', 'master', 'login', 'hello', 'test', 'user', 'root'],
];

/** As people write letters with digits and signs. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'i',
  '!': 'i',
  '0': 'o',
  $: 's',
  '5': 's',
};

/** With fewer different characters than this beside what is common, a password is a guess. */
const MIN_OWN_CHARACTERS = 5;
const SIGNS_FOR_SHOW = 3;

/**
 * Says no to a password that is too short, too long, or among the first that anybody would try. No other rules: a digit here and
 * a sign there make nobody's password better (NIST SP 800-63B §5.1.1.2).
 *
 * @throws RequestError `PASSWORD_REFUSED`, never quoting it
 */
export function requireGoodPassword(password: string, accountName: string): void {
  const length = password.length > 4 * MAX_CHARACTERS ? Infinity : [...normalPassword(password)].length;
  if (length < MIN_CHARACTERS || length > MAX_CHARACTERS) {
    throw refused(`A password has ${MIN_CHARACTERS} to ${MAX_CHARACTERS} characters.`);
  }
  if (isObvious(normalPassword(password).toLowerCase(), accountName)) {
    throw refused(
      'This password is easily guessed: it is little more than common words, rows of keys or the name of the account.',
    );
  }
}

function isObvious(password: string, accountName: string): boolean {
  const spelledOut = [...password].map((character) => LOOKALIKES[character] ?? character).join('');
  const parts = [accountName, ...accountName.split(/[._-]/), ...COMMON_PARTS]
    .filter((part) => part.length > 2)
    .sort((one, other) => other.length - one.length);
  return [password, spelledOut].some((text) => ownCharacters(text, parts) < MIN_OWN_CHARACTERS);
}

/** How many different characters are left of a text without the common parts; of signs the first few are for show. */
function ownCharacters(text: string, parts: readonly string[]): number {
  const rest = parts.reduce((left, part) => left.replaceAll(part, ' '), text);
  const different = [...new Set(rest.replace(/\s/gu, ''))];
  const signs = different.filter((character) => /[\p{P}\p{S}]/u.test(character)).length;
  return different.length - Math.min(signs, SIGNS_FOR_SHOW);
}

function refused(message: string): RequestError {
  return new RequestError('PASSWORD_REFUSED', message);
}
