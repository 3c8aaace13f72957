/** A Markdown file as HTML: with anchors as GitHub names them, its links led to the pages, and without inline style. */
import GithubSlugger from "github-slugger";
import { Marked, type Token, type Tokens } from "marked";
import { escaped, highlighted } from "./highlight.js";

export interface Heading {
  id: string;
  /** 1 to 6 */
  depth: number;
  text: string;
  /** The words below it, without code and tables. */
  words: string;
}

export interface Rendered {
  html: string;
  title: string;
  headings: Heading[];
}

export interface Links {
  /** The address of what a link of the file names. */
  resolve(href: string): string;
  /** The address in the API reference of what an entry of the package exports by this name. */
  api(name: string): string | undefined;
}

export function render(text: string, links: Links): Rendered {
  const slugger = new GithubSlugger();
  const headings: Heading[] = [];
  const linked = new Set<string>();
  let inLink = 0;
  const marked = new Marked({
    gfm: true,
    renderer: {
      heading({ tokens, depth }) {
        const plain = plainOf(tokens);
        const id = slugger.slug(plain);
        headings.push({ id, depth, text: plain, words: "" });
        linked.clear();
        inLink++;
        const inner = this.parser.parseInline(tokens);
        inLink--;
        const api = depth > 2 && tokens.length === 1 && tokens[0].type === "codespan" ? links.api(plain) : undefined;
        const reference =
          api === undefined ? "" : ` <a class="api" href="${api}">API<span class="sr">: ${plain}</span></a>`;
        return `<h${depth} id="${id}"><a class="anchor" href="#${id}">${inner}</a>${reference}</h${depth}>\n`;
      },
      codespan({ text }) {
        const code = `<code>${escaped(text)}</code>`;
        const name = /^(\w+)(\(.*\))?$/.exec(text);
        // A lower-case word may as well be the name of an option: `momentum`. Once a section is enough.
        if (!name || inLink > 0 || linked.has(name[1]) || !(name[2] || /[a-z][A-Z]/.test(name[1]))) return code;
        const address = links.api(name[1]);
        if (address === undefined) return code;
        linked.add(name[1]);
        return `<a href="${address}">${code}</a>`;
      },
      code({ text, lang = "" }) {
        return `<pre tabindex="0"><code>${highlighted(text, lang.split(" ")[0])}</code></pre>\n`;
      },
      link({ href, title, tokens }) {
        inLink++;
        const inner = this.parser.parseInline(tokens);
        inLink--;
        return `<a href="${escaped(links.resolve(href))}"${title ? ` title="${escaped(title)}"` : ""}>${inner}</a>`;
      },
      image({ href, text }) {
        return `<img src="${escaped(links.resolve(href))}" alt="${escaped(text)}" loading="lazy" />`;
      },
      table({ header, rows }) {
        const long = header.map((_, column) => rows.some((row) => plainOf(row[column].tokens).length > LONG));
        const cells = (row: Tokens.TableCell[], open: string, close: string): string =>
          row
            .map((cell, column) => {
              const names = [align(cell), long[column] ? "long" : ""].filter(Boolean).join(" ");
              const inner = this.parser.parseInline(cell.tokens);
              return `<${open}${names === "" ? "" : ` class="${names}"`}>${inner}</${close}>`;
            })
            .join("");
        const head = `<thead><tr>${cells(header, 'th scope="col"', "th")}</tr></thead>`;
        const body = rows.map((row) => `<tr>${cells(row, "td", "td")}</tr>\n`).join("");
        const label = escaped(`Table: ${headings.at(-1)?.text ?? ""}`);
        return `<div class="scroll" role="group" tabindex="0" aria-label="${label}"><table>${head}<tbody>\n${body}</tbody></table></div>\n`;
      },
      // The marks between which generated parts stand are comments; other HTML is shown as it is written.
      html: ({ text }) => (/^\s*<!--[\s\S]*-->\s*$/.test(text) ? "" : escaped(text)),
    },
  });
  const tokens = marked.lexer(text);
  const html = marked.parser(tokens);
  fillWords(tokens, headings);
  return { html, title: headings[0]?.text ?? "", headings };
}

const align = ({ align }: Tokens.TableCell): string => (align === "right" || align === "center" ? align : "");

/** Characters from which a column has sentences, and keeps a width in which they can be read. */
const LONG = 40;

/** The text of tokens without marks. */
function plainOf(tokens: readonly Token[]): string {
  return tokens.map((token) => ("tokens" in token && token.tokens ? plainOf(token.tokens) : textOf(token))).join("");
}
const textOf = (token: Token): string => ("text" in token && token.type !== "html" ? token.text : "");

function fillWords(tokens: readonly Token[], headings: Heading[]): void {
  let at = -1;
  for (const token of tokens) {
    if (token.type === "heading") at++;
    else if (at >= 0 && (token.type === "paragraph" || token.type === "list"))
      headings[at].words +=
        `${token.type === "list" ? listText(token as Tokens.List) : plainOf((token as Tokens.Paragraph).tokens)} `;
  }
}
const listText = ({ items }: Tokens.List): string => items.map((item) => plainOf(item.tokens)).join(" ");
