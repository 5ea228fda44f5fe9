/** Where a page finds the store's own copy of a screenshot, relative to the path of BASE_URL. */
export function screenshotPath(sha256: string): string {
  return `api/v1/screenshots/${sha256}.webp`;
}
