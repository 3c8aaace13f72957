import { open, readFile, unlink } from "node:fs/promises";

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
  for (let attempt = 0; ; attempt++) {
    try {
      const file = await open(lock, "wx");
      try {
        await file.writeFile(`${process.pid}\n`);
      } finally {
        await file.close();
      }
      return () => unlink(lock).catch(() => {});
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const owner = Number(await readFile(lock, "utf8").catch(() => ""));
    if (attempt > 0 || (owner > 0 && owner !== process.pid && alive(owner)))
      throw new Error(
        `${path}: expected a file that no other run saves to, got one of process ${owner}; if that process is not a run, remove ${lock}`,
      );
    await unlink(lock).catch(() => {});
  }
}

/** Whether a process with this id runs on this machine. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
