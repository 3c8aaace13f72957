/** Pages and modules that predict with the model that they carry. The code that they run is built with the package. */

/** The style of a page: light and dark, from 360 px on; where there is room, the prediction stays beside the form. */
const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#dde1e8, #333842); --back: light-dark(#f4f6f9, #14161a);
  --card: light-dark(#fff, #1d2026); --text: light-dark(#1b1f27, #e8eaee); --quiet: light-dark(#59626f, #9da6b5);
  --accent: light-dark(#0b5cad, #7ab8ff); --track: light-dark(#e8ecf2, #2b3039); --other: light-dark(#9db4cd, #51657d);
  --wrong: light-dark(#b3261e, #ff8a80); --shadow: light-dark(#1b1f2714, #0006); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 68rem; margin: 0 auto; padding: 1.5rem 1rem 2rem; display: grid; gap: 1rem; }
main > * { min-width: 0; }
header, h1, h2, p { margin: 0; }
h1 { font-size: 1.625rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 0.8125rem; font-weight: 600; color: var(--quiet); overflow-wrap: anywhere; }
header p, footer { color: var(--quiet); font-size: 0.875rem; overflow-wrap: anywhere; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; padding: 1.25rem;
  box-shadow: 0 1px 3px var(--shadow); }
form { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 12rem), 1fr)); gap: 1rem; align-items: end; }
label { display: block; margin: 0 0 0.25rem; color: var(--quiet); font-size: 0.875rem; overflow-wrap: anywhere; }
input, select { width: 100%; }
input, select, button { min-height: 2.75rem; padding: 0.375rem 0.75rem; font: inherit; color: inherit;
  background: var(--back); border: 1px solid var(--line); border-radius: 0.5rem; }
input:hover, select:hover, button:hover { border-color: var(--quiet); }
button { padding-inline: 1rem; color: var(--accent); background: none; cursor: pointer; }
.buttons { grid-column: 1 / -1; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
output { display: block; overflow-wrap: anywhere; }
.answer { margin-top: 0.125rem; font-size: 2.125rem; font-weight: 650; line-height: 1.2; color: var(--accent); font-variant-numeric: tabular-nums; }
.answer.long { font-size: 1.5rem; }
.error { color: var(--wrong); }
ul { list-style: none; margin: 1rem 0 0; padding: 0; display: grid; gap: 0.625rem; }
li { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0.125rem 0.75rem; font-size: 0.9375rem; }
li data { color: var(--quiet); font-variant-numeric: tabular-nums; }
.bar { grid-column: 1 / -1; height: 0.5rem; border-radius: 0.25rem; background: var(--track); overflow: hidden; }
.bar div { height: 100%; border-radius: 0.25rem; background: var(--other); }
.best span, .best data { font-weight: 600; color: var(--text); }
.best .bar div { background: var(--accent); }
ul + p { margin-top: 0.625rem; color: var(--quiet); font-size: 0.875rem; }
@media (min-width: 48rem) {
  main { grid-template-columns: minmax(0, 1fr) 20rem; gap: 1.25rem; padding-top: 3rem; align-items: start; }
  header, footer { grid-column: 1 / -1; }
  .prediction { order: 1; position: sticky; top: 1.25rem; }
  footer { order: 2; }
}
`;

/** What a page may do: run its own script and kernels, and wear its own style. It can reach no network. */
const policy = (script: string, style: string): string =>
  `default-src 'none'; script-src 'sha256-${script}' 'wasm-unsafe-eval'; style-src 'sha256-${style}'`;

/** A page that is one file: a form for a row, and the prediction for it. `code` is the built one of `exported/page`. */
export async function pageOf(model: Uint8Array, code: string, title: string): Promise<string> {
  // A script ends at "</script", and "<!--" may keep it from ending; base64 and escaped text have neither.
  const script = `const THALWEG_MODEL="${base64(model)}";${code}`.replaceAll(/<(?=\/script|!--)/gi, "\\x3c");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy(await sha256(script), await sha256(STYLE))}">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>This page needs JavaScript to predict.</main>
<script>${script}</script>
</body>
</html>
`;
}

/** A module that exports `predict(rows)`. `code` is the built one of `exported/module`. */
export const moduleOf = (model: Uint8Array, code: string, title: string): string =>
  `// Predicts ${title.replaceAll(/[^\x20-\x7e]+/g, " ")}: import { predict } from this file. Written by thalweg export.\n` +
  `const THALWEG_MODEL = "${base64(model)}";\n${code}`;

function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

async function sha256(text: string): Promise<string> {
  return base64(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
