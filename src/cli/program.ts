/** The command as its user calls it, so that commands it prints can be pasted. */
import { existsSync } from "node:fs";
import { basename, delimiter, join, relative } from "node:path";

/**
 * `thalweg` where a shell finds it, `npx thalweg` where npm put it into a project or a cache of its own, and the file of a
 * copy of the source.
 */
export function program({ argv = process.argv, path = process.env.PATH ?? "" } = {}): string {
  const file = argv[1] ?? "";
  if (INSTALLED.test(file)) return shellFinds(path) ? "thalweg" : "npx thalweg";
  if (basename(file) !== "cli.js") return "thalweg";
  const near = relative(process.cwd(), file);
  return shell(["node", near.length < file.length ? near : file]);
}

const INSTALLED = /[\\/]node_modules[\\/](\.bin[\\/]thalweg|thalweg[\\/])/;

/** Whether a folder that npm did not add to the path for this call has the command. */
const shellFinds = (path: string): boolean =>
  path
    .split(delimiter)
    .some(
      (folder) => !/node_modules/.test(folder) && ["", ".cmd"].some((end) => existsSync(join(folder, `thalweg${end}`))),
    );

/** The words of a call as a shell reads them. */
export const shell = (words: readonly string[]): string => words.map(quoted).join(" ");

function quoted(word: string): string {
  if (/^[\w./=@%+,:-]+$/.test(word)) return word;
  if (!/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/u.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  // In a form that has no such character of its own: bash, zsh and ksh read it.
  const bytes = [...new TextEncoder().encode(word)].map((byte) =>
    byte < 0x20 || byte > 0x7e
      ? `\\x${byte.toString(16).padStart(2, "0")}`
      : String.fromCharCode(byte).replace(/['\\]/, "\\$&"),
  );
  return `$'${bytes.join("")}'`;
}
