/** Says something to those who listen to the page, and shows it for a moment. */
import { signal } from "@preact/signals-core";

export const announcement = signal("");
let timer: ReturnType<typeof setTimeout> | undefined;

export function announce(text: string): void {
  announcement.value = text;
  clearTimeout(timer);
  timer = setTimeout(() => {
    announcement.value = "";
  }, 4000);
}

/** For readers of screens alone: what a key has moved to. */
export const spoken = signal("");
export const say = (text: string): void => {
  spoken.value = text;
};
