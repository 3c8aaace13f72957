/** Which of the two palettes the page has, and who is told when it changes. */
import { effect, signal } from "@preact/signals-core";
import { DARK, LIGHT, type Palette } from "../draw/palette.js";

export type Theme = "system" | "light" | "dark";

const dark = globalThis.matchMedia?.("(prefers-color-scheme: dark)");
const systemDark = signal(dark?.matches ?? false);
dark?.addEventListener("change", () => (systemDark.value = dark.matches));

/** What the reader asked for. */
export const theme = signal<Theme>("system");
export const isDark = (): boolean => (theme.value === "system" ? systemDark.value : theme.value === "dark");
export const palette = (): Palette => (isDark() ? DARK : LIGHT);

const KEY = "thalweg-theme";

/** Keeps what was asked for, where the browser lets a page keep anything. */
export function keepTheme(): void {
  try {
    const kept = localStorage.getItem(KEY);
    if (kept === "light" || kept === "dark") theme.value = kept;
  } catch {}
  effect(() => {
    document.documentElement.dataset.theme = isDark() ? "dark" : "light";
    try {
      localStorage.setItem(KEY, theme.value);
    } catch {}
  });
}

const still = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)");
/** Whether nothing may move by itself. */
export const reducedMotion = signal(still?.matches ?? false);
still?.addEventListener("change", () => (reducedMotion.value = still.matches));
