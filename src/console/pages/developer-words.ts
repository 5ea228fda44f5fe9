/** Where a developer finds an app of theirs. */
export function ownAppPath(appId: string): string {
  return `console/my/apps/${encodeURIComponent(appId)}`;
}

/** Where everybody finds an app. */
export function publicAppPath(appId: string): string {
  return `console/apps/${encodeURIComponent(appId)}`;
}

export function submissionPath(id: string): string {
  return `console/submissions/${id}`;
}

/** The commands from a folder to a signed archive. App ids hold nothing that a shell understands. */
export function signAndPack(appId: string): string {
  return [
    `portcullis sign --path ${appId} --key ${appId}.key --cert ${appId}.crt`,
    `portcullis pack ${appId} --out ${appId}.zip`,
    `portcullis validate ${appId}.zip`,
  ].join('\n');
}
