/** The frame of a page: header, navigation, the list of its sections, and the pages before and after it. */
import { addressOf, CONTENTS, relativeTo } from "./contents.js";
import { escaped } from "./highlight.js";
import type { Heading } from "./markdown.js";

export interface Page {
  /** The file of the repository that it shows. */
  file: string;
  address: string;
  title: string;
  /** What stands in the navigation; empty for a page that does not. */
  name: string;
  html: string;
  headings: readonly Heading[];
}

export interface Frame {
  version: string;
  /** Titles of the pages in the navigation, by file. */
  names: ReadonlyMap<string, string>;
}

const MARK =
  '<svg viewBox="0 0 32 32" aria-hidden="true"><path d="M3 6c8 0 9 6 13 12s6 9 6 13" /><path d="M12 2c5 3 7 7 10 12s7 8 7 13" /><path class="line" d="M6 2c7 2 9 7 13 13s7 9 7 15" /></svg>';

export function pageHtml(page: Page, { version, names }: Frame): string {
  const to = (address: string): string => relativeTo(page.address, address);
  const order = Object.values(CONTENTS).flat();
  const at = order.indexOf(page.file);
  const neighbour = (file: string | undefined, rel: string, word: string): string =>
    file === undefined
      ? ""
      : `<a rel="${rel}" href="${to(addressOf(file))}"><span>${word}</span> ${escaped(names.get(file)!)}</a>`;
  const pager = `${neighbour(order[at - 1], "prev", "Before")}${neighbour(order[at + 1], "next", "Next")}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<title>${escaped(page.title)} · Thalweg</title>
<link rel="icon" href="${to("assets/mark.svg")}" type="image/svg+xml" />
<link rel="stylesheet" href="${to("assets/docs.css")}" />
<script src="${to("assets/theme.js")}"></script>
<script type="module" src="${to("assets/page.js")}"></script>
</head>
<body>
<a class="skip" href="#main">Skip to the text</a>
<header class="head">
<a class="mark" href="${to("index.html")}">${MARK}<span>Thalweg</span> <span class="sub">docs</span></a>
<div class="search"><input type="search" placeholder="Search" aria-label="Search the documentation and the API" autocomplete="off" spellcheck="false" data-index="${to("assets/search.json")}" /><div class="found" hidden></div></div>
<a href="${to("../index.html")}">Arena</a> <a href="${to("../api/index.html")}">API</a>
<button type="button" class="plain menu" aria-controls="rail" aria-expanded="false">Pages</button>
<button type="button" class="plain theme"><span>Dark</span><span class="sr"> theme</span></button>
</header>
<div class="layout">
${rail(page, to, names)}
<main id="main" tabindex="-1">
<article class="prose">
${page.html}</article>
${at < 0 ? "" : `<nav class="pager" aria-label="Neighbouring pages">${pager}</nav>`}
</main>
${sections(page.headings)}
</div>
<footer class="foot"><p>Made from <code>${escaped(page.file)}</code></p><p>Thalweg ${escaped(version)}</p></footer>
</body>
</html>
`;
}

function rail(page: Page, to: (address: string) => string, names: ReadonlyMap<string, string>): string {
  const groups = Object.entries(CONTENTS).map(([group, files]) => {
    const items = files.map((file) => {
      const current = file === page.file ? ' aria-current="page"' : "";
      return `<li><a href="${to(addressOf(file))}"${current}>${escaped(names.get(file)!)}</a></li>`;
    });
    return `<h2>${group}</h2>\n<ul>${items.join("\n")}</ul>`;
  });
  return `<nav id="rail" class="rail" aria-label="Pages">\n${groups.join("\n")}\n</nav>`;
}

/** The sections of the page, two levels deep. */
function sections(headings: readonly Heading[]): string {
  const shown = headings.filter(({ depth }) => depth === 2 || depth === 3);
  if (shown.length < 3) return "";
  const items = shown.map(
    ({ id, depth, text }) => `<li class="depth${depth}"><a href="#${id}">${escaped(text)}</a></li>`,
  );
  return `<nav class="sections" aria-label="On this page">\n<h2>On this page</h2>\n<ul>${items.join("\n")}</ul>\n</nav>`;
}
