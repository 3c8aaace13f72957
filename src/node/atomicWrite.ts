import { constants, type Stats } from "node:fs";
import { open, readlink, realpath, rename, stat, unlink, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";

let count = 0;

/**
 * Writes a file completely or not at all: writes a temporary file beside it, flushes that to the disk, renames it, and
 * flushes the folder too. The old file stays until the new one is complete, and the new one has its mode and owner. A
 * symbolic link stays, and its target is replaced. Anything but a regular file (a pipe, a terminal, /dev/null) is
 * written to and never replaced.
 *
 * @throws the file system's error (`code` "ENOENT", "EACCES", "ENOSPC" …), with the old file unchanged
 * @example
 * await writeFileAtomic("model.safetensors", saveWeights(model));
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
  const target = await followed(path);
  const before = await stat(target).catch(missing);
  if (before && !before.isFile() && !before.isDirectory()) return writeFile(target, bytes);
  // A unique name: of two concurrent writes, one would otherwise rename the file that the other is still writing.
  const temporary = `${target}.${process.pid}-${++count}.tmp`;
  try {
    const file = await open(temporary, "wx");
    try {
      if (before?.isFile()) {
        // The owner first, because changing it clears bits of the mode. Only root may give files away.
        await file.chown(before.uid, before.gid).catch(() => {});
        await file.chmod(before.mode & 0o7777);
      }
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
  await syncFolderOf(target);
}

/** Resolves the symbolic links of a path; the target of the last one need not exist yet. */
async function followed(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const link = await readlink(path).catch(() => undefined);
    return link === undefined ? path : resolve(dirname(path), link);
  }
}

function missing(error: NodeJS.ErrnoException): Stats | undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}

/**
 * Flushes the folder of a file, without which a rename or a new file in it may be lost. If the folder cannot be opened or
 * flushed (on Windows, in a folder with write but not read permission, on some network disks), the file is complete all the
 * same, and the file system decides when its name reaches the disk.
 */
export async function syncFolderOf(path: string): Promise<void> {
  const folder = await open(dirname(path), constants.O_RDONLY).catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}
