/** The text of an input, where it does not disturb what is being typed there. */
import { noChange } from "lit-html";
import { Directive, directive, type PropertyPart } from "lit-html/directive.js";
import { setCommittedValue } from "lit-html/directive-helpers.js";

class Typed extends Directive {
  #last: string | undefined;

  render(text: string): string {
    return text;
  }

  /** The page is drawn anew at every frame of a run: an input that has the focus is written when its text has changed alone. */
  override update(part: PropertyPart, [text]: [string]): unknown {
    const input = part.element as HTMLInputElement;
    const kept = text === this.#last && input === document.activeElement;
    this.#last = text;
    if (kept || input.value === text) return noChange;
    setCommittedValue(part); // what is there is not what was written last
    return text;
  }
}

/** For `.value` of an input of text. */
export const typed = directive(Typed);
