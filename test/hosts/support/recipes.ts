/** The recipes of docs/embedding.md: rows run them as they stand there. */
import { readFileSync } from "node:fs";

export const PAGE = new URL("../../../docs/embedding.md", import.meta.url);

/** The files of a section: its code blocks, each named by the comment that is its first line. */
export function recipe(heading: string): Record<string, string> {
  const sections = readFileSync(PAGE, "utf8").split(/^## /m).slice(1);
  const section = sections.find((one) => one.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`docs/embedding.md has no section "${heading}"`);
  const blocks = [...section.matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
  return Object.fromEntries(
    blocks.flatMap((code) => {
      const name = code.match(/^(?:\/\/|#|<!--|\/\*) ([\w./-]+\.\w+)/)?.[1];
      return name === undefined ? [] : [[name, code]];
    }),
  );
}
