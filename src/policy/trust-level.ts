/** How much the store vouches for an app, in ascending order. */
export const trustLevels = ['experimental', 'approved', 'official'] as const;

export type TrustLevel = (typeof trustLevels)[number];

/** True where `text` is one of the {@link trustLevels}. */
export function isTrustLevel(text: string): text is TrustLevel {
  return (trustLevels as readonly string[]).includes(text);
}
