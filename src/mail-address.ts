/** To how many addresses one mail goes. */
export const MAX_MAIL_RECIPIENTS = 20;

const MAX_LENGTH = 254;

const ADDRESS =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/;

/**
 * Whether mail can be sent to an address: narrower than RFC 5321 §4.1.2 allows, and as people have them. No control
 * character, no bracket, no comma and no space gets from here into a header or into the dialogue with the mail server.
 */
export function isMailAddress(text: string): boolean {
  return text.length <= MAX_LENGTH && ADDRESS.test(text);
}
