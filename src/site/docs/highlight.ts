/** Code as HTML whose words have classes: a page with a strict policy allows no inline style. */
import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import ini from "highlight.js/lib/languages/ini";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import makefile from "highlight.js/lib/languages/makefile";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";

for (const [name, language] of Object.entries({ bash, c, ini, javascript, json, makefile, typescript, xml }))
  hljs.registerLanguage(name, language);

export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** The code with its words marked, where the language is known: by its name, or the ending of a file. */
export function highlighted(code: string, language: string): string {
  const known = { h: "c", Makefile: "makefile", toml: "ini" }[language] ?? language;
  return hljs.getLanguage(known) === undefined ? escaped(code) : hljs.highlight(code, { language: known }).value;
}
