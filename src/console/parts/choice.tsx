import type { JSX } from 'preact';

/** One of several words that a list is filtered by; `labels` says some of them otherwise. */
export function Choice({
  name,
  label,
  chosen,
  choices,
  labels = {},
}: {
  readonly name: string;
  readonly label: string;
  readonly chosen: string;
  readonly choices: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}): JSX.Element {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <select id={name} name={name}>
        {choices.map((choice) => (
          <option key={choice} value={choice} selected={choice === chosen}>
            {labels[choice] ?? choice}
          </option>
        ))}
      </select>
    </div>
  );
}
