/** Pages and modules that predict with the model that they carry. The code that they run is built with the package. */

/** The style of a page: light and dark, from 360 px on. */
const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d5d9e0, #3a3f48); --back: light-dark(#f6f7f9, #16181c);
  --card: light-dark(#fff, #1f2228); --text: light-dark(#1b1f27, #e8eaee); --quiet: light-dark(#5b6472, #9aa3b2);
  --accent: light-dark(#0b62b8, #6cb2ff); --wrong: light-dark(#b3261e, #ff8a80); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.25rem; margin: 0 0 1rem; overflow-wrap: anywhere; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem; padding: 1rem; margin: 0 0 1rem; }
form { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 13rem), 1fr)); gap: 0.75rem 1rem; }
label { display: block; color: var(--quiet); font-size: 0.875rem; overflow-wrap: anywhere; }
input, select { width: 100%; min-height: 2.5rem; padding: 0.375rem 0.5rem; font: inherit; color: inherit;
  background: var(--back); border: 1px solid var(--line); border-radius: 0.375rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
output { display: block; min-height: 3.5rem; overflow-wrap: anywhere; }
.answer { font-size: 1.75rem; font-weight: 600; line-height: 1.2; margin: 0 0 0.5rem; color: var(--accent); }
.error { color: var(--wrong); }
ul { list-style: none; margin: 0; padding: 0; }
li { display: grid; grid-template-columns: minmax(0, 10rem) minmax(3rem, 1fr) 4.5rem; gap: 0.75rem; align-items: center; }
li data { text-align: right; font-variant-numeric: tabular-nums; }
meter { width: 100%; }
footer { color: var(--quiet); font-size: 0.875rem; overflow-wrap: anywhere; }
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
