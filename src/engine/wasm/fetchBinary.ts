/** A binary by its address. */
export async function fetched(where: URL | string): Promise<BufferSource> {
  const url = new URL(where, typeof location === "object" ? location.href : undefined);
  if (url.protocol === "file:") {
    // Node, Deno and Bun, whose fetch does not read files; by name, so that bundlers for the browser see no import.
    const files = globalThis.process?.getBuiltinModule?.("node:fs/promises");
    if (files) return files.readFile(url);
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.arrayBuffer();
}
