import { expect } from "vitest";

/** The elements of a text of XML, each closed where it should be; throws where one is not. */
export function elements(xml: string): string[] {
  const open: string[] = [];
  const found: string[] = [];
  for (const [tag, slash, name, rest] of xml.matchAll(/<(\/?)([a-zA-Z]+)((?:"[^"]*"|[^">])*)>/g)) {
    if (slash === "/") expect(open.pop(), tag).toBe(name);
    else {
      found.push(name!);
      if (!rest!.endsWith("/")) open.push(name!);
    }
  }
  expect(open).toEqual([]);
  return found;
}
