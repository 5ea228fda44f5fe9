import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

/** Something to copy: a command, a digest, a secret. The button appears where a script can copy. */
export function Code({
  text,
  label = 'Copy',
  wrap = false,
}: {
  readonly text: string;
  readonly label?: string;
  readonly wrap?: boolean;
}): JSX.Element {
  const id = useId();
  return (
    <div class="code">
      <pre tabIndex={0} class={wrap ? 'wrap' : undefined}>
        <code id={id}>{text}</code>
      </pre>
      <button type="button" class="button small copy" data-copy={id} hidden>
        {label}
      </button>
    </div>
  );
}

/** A digest, by its beginning; the whole is there to be selected. */
export function Digest({ value, length = 12 }: { readonly value: string; readonly length?: number }): JSX.Element {
  return (
    <code class="digest" title={value}>
      <span>{value.slice(0, length)}</span>
      <span class="digest-rest">{value.slice(length)}</span>
    </code>
  );
}
