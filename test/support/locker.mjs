// Tries to lock each file at its own time, and prints those that it has; all are held to the end. Arguments: the module that
// locks, when to begin, and the files.
import { setTimeout as sleep } from "node:timers/promises";

const [entry, begin, ...files] = process.argv.slice(2);
const { lockFile } = await import(entry);
for (const [i, file] of files.entries()) {
  await sleep(Number(begin) + 30 * i - Date.now());
  if (await lockFile(file).catch(() => undefined)) console.log(file);
}
await sleep(Number(begin) + 30 * files.length + 500 - Date.now());
