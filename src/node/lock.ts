import { link, readFile, stat, unlink, writeFile } from "node:fs/promises";

/** How often it is tried while others take over a lock, and how long it waits between, in milliseconds. */
const ATTEMPTS = 50;
const PAUSE = 20;
/** Nobody takes longer to take over a lock, in milliseconds, who has not been killed meanwhile. */
const TAKES_OVER = 10_000;

/** The locks of this process. */
const held = new Set<string>();

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/**
 * Locks a file for this process by creating `<path>.lock` with its process id: without a lock, two runs could overwrite
 * each other's saves. The lock of a process that has ended is taken over.
 *
 * @returns a function that releases the lock
 * @throws Error naming the process that holds the lock
 * @example
 * const release = await lockFile("run.safetensors");
 */
export async function lockFile(path: string): Promise<() => Promise<void>> {
  const lock = `${path}.lock`;
  for (let attempt = 1; ; attempt++) {
    if (await created(lock)) {
      held.add(lock);
      return async () => {
        held.delete(lock);
        await unlink(lock).catch(() => {});
      };
    }
    const owner = await ownerOf(lock);
    if (owner === undefined) continue;
    if (attempt >= ATTEMPTS || holds(lock, owner))
      throw new Error(
        `${path}: expected a file that no other run saves to, got one of process ${owner}; if that process is not a run, remove ${lock}`,
      );
    if (!(await takenOver(lock))) await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/** Creates a lock together with its text: one that were empty for a moment would look like that of nobody. */
async function created(lock: string): Promise<boolean> {
  const text = `${process.pid}\n`;
  const whole = `${lock}.${process.pid}`;
  try {
    await writeFile(whole, text);
    await link(whole, lock);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    if (!/^(EPERM|ENOSYS|ENOTSUP|EOPNOTSUPP)$/.test(codeOf(error) ?? "")) throw error;
  } finally {
    await unlink(whole).catch(() => {});
  }
  return await createdHere(lock, text); // a file system without links
}

async function createdHere(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Removes the lock of nobody. One at a time: between a look at a lock and its removal it can become that of another. */
async function takenOver(lock: string): Promise<boolean> {
  const turn = `${lock}.taken`;
  if (!(await createdHere(turn, ""))) {
    const { mtimeMs } = await stat(turn).catch(() => ({ mtimeMs: Date.now() }));
    if (Math.abs(Date.now() - mtimeMs) > TAKES_OVER) await unlink(turn).catch(() => {});
    return false;
  }
  try {
    const owner = await ownerOf(lock);
    if (owner !== undefined && !holds(lock, owner)) await unlink(lock).catch(() => {});
    return true;
  } finally {
    await unlink(turn).catch(() => {});
  }
}

/** The process id in a lock; 0 if it has none; undefined if there is no lock. */
async function ownerOf(lock: string): Promise<number | undefined> {
  const text = await readFile(lock, "utf8").catch((error) => (codeOf(error) === "ENOENT" ? undefined : ""));
  return text === undefined ? undefined : Number(text) || 0;
}

/** A process id of before, of another container say, can be this process's own. */
const holds = (lock: string, owner: number): boolean =>
  owner === process.pid ? held.has(lock) : owner > 0 && alive(owner);

/** Whether a process with this id runs on this machine. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}
