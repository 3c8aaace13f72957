import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { quoted } from "../check.js";
import { serveFolder } from "./arenaServer.js";
import { command, numberIn, option, parsed, UsageError } from "./args.js";
import { print } from "./output.js";

const PORT = 8137;

/** The command with its options. */
export function arenaCommand() {
  return command(
    "arena",
    "serves the arena, a site that shows optimizers at work, on this machine",
    "[options]",
    `
Prints the address to open in a browser, and serves until it is stopped with Ctrl-C. Nothing outside this machine can
reach it.

Examples:
  thalweg arena
  thalweg arena --port 9000`,
  ).addOption(
    option(
      "--port <n>",
      "the port to listen on; 0 takes a free one",
      numberIn("a whole number from 0 to 65535", (x) => Number.isInteger(x) && x >= 0 && x <= 65535),
      PORT,
    ),
  );
}

/** `thalweg arena`. */
export async function serveArena(args: string[]): Promise<void> {
  const call = parsed<{ port: number }>(arenaCommand(), args);
  if (call === undefined) return;
  const { values, words } = call;
  if (words.length > 0) throw new UsageError(`expected options alone, got ${quoted(words[0])}`);
  const folder = fileURLToPath(new URL("../arena", import.meta.url)); // beside the folder of this file, bundled or not
  if (!existsSync(`${folder}/index.html`))
    throw new Error('the site is not built; in a copy of the source: "npm run build:arena"');
  try {
    const { url } = await serveFolder({ folder, port: values.port });
    print([`The arena: ${url}`, "Ctrl-C stops it."]);
  } catch (error) {
    throw refused(error, values.port);
  }
}

/** A port that cannot be had, in a line that says what to do. */
function refused(error: unknown, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE") return new Error(`port ${port} is in use; try --port 0, which takes a free one`);
  if (code === "EACCES")
    return new Error(`port ${port} is not allowed to this user; try --port 0, which takes a free one`);
  return error;
}
