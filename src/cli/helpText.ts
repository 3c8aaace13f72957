import { program } from "./program.js";
import { textColumns, width, wrapped } from "./terminal.js";

/**
 * The text below the options of a command, as it fits the terminal: paragraphs are wrapped, and calls of the command, which
 * are indented, can be pasted as they stand.
 */
export function helpText(text: string): string {
  const blocks: string[][] = [];
  let paragraph: string[] = [];
  const flush = () => {
    if (paragraph.length > 0) blocks.push(wrapped(paragraph.join(" "), textColumns()));
    paragraph = [];
  };
  for (const line of text.replace(/ \\\n +/g, " ").split("\n")) {
    const call = line.match(/^ {2}thalweg (.*?)(?: {3,}(.*))?$/);
    if (line !== "" && !call) paragraph.push(line);
    else {
      flush();
      blocks.push(call ? callLines(call[1], call[2]) : [""]);
    }
  }
  flush();
  return blocks.flat().join("\n");
}

/** A call, broken before options where it is too long, and the remark on it. */
function callLines(call: string, remark = ""): string[] {
  const room = textColumns() - 2; // for the backslash
  const lines = [`  ${program()}`];
  for (const part of call.split(/ (?=--)/)) {
    const line = `${lines.at(-1)} ${part}`;
    if (width(line) <= room) lines[lines.length - 1] = line;
    else lines.push(`      ${part}`);
  }
  const broken = lines.map((line, i) => (i < lines.length - 1 ? `${line} \\` : line));
  if (remark === "") return broken;
  if (lines.length === 1 && width(lines[0]) + 3 + width(remark) <= textColumns()) return [`${lines[0]}   # ${remark}`];
  return [...wrapped(`  # ${remark}`, textColumns(), "  # "), ...broken];
}
