/** A question before its answer: the visitor answers, the page checks by the library. */
import { type Signal, signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import { readNumber } from "../state/fields.js";
import { typeset } from "./symbols.js";

export interface Verdict {
  readonly right: boolean;
  readonly say: string;
}

export interface Question {
  readonly ask: string;
  /** Choices to pick from; without them a number is asked for. */
  readonly choices?: readonly string[];
  /** Finds out whether an answer is right: a number, or the place of a choice. */
  check(answer: number): Verdict | Promise<Verdict>;
  /** Sets the figure so that the answer is seen; offered once there is a verdict. */
  show?(): void;
}

/** What is said of an answer: a verdict, or that there is none. */
type Said = Verdict | { readonly right?: undefined; readonly say: string };

/** Where one question stands. */
export class Asked {
  readonly question: Question;
  readonly verdict: Signal<Said | undefined> = signal(undefined);
  /** The place of the choice that was picked last. */
  readonly picked: Signal<number | undefined> = signal(undefined);
  readonly #id: string;

  constructor(question: Question, id: string) {
    this.question = question;
    this.#id = id;
  }

  async answer(answer: number): Promise<void> {
    this.picked.value = answer;
    try {
      this.verdict.value = Number.isFinite(answer)
        ? await this.question.check(answer)
        : { say: "Expected a number, such as 0.05." };
    } catch (error) {
      this.verdict.value = { say: `No verdict: ${error instanceof Error ? error.message : String(error)}` };
    }
  }

  view(): TemplateResult {
    const { ask, choices, show } = this.question;
    const verdict = this.verdict.value;
    const submit = (event: SubmitEvent): void => {
      event.preventDefault();
      const data = new FormData(event.target as HTMLFormElement).get("answer");
      void this.answer(readNumber(String(data ?? "")));
    };
    return html`<form class="question" @submit=${submit} novalidate>
      <p id="ask-${this.#id}">${typeset(ask)}</p>
      ${
        choices
          ? html`<div class="choices" role="group" aria-labelledby="ask-${this.#id}">${choices.map((each, i) => html`<button type="button" class="plain" aria-pressed=${this.picked.value === i ? "true" : "false"} @click=${() => this.answer(i)}>${each}</button>`)}</div>`
          : html`<div class="row"><input class="number" name="answer" type="text" inputmode="decimal" autocomplete="off" aria-labelledby="ask-${this.#id}" />
            <button class="plain" type="submit">Check</button></div>`
      }
      <div class="verdict" aria-live="polite" data-right=${verdict?.right === undefined ? nothing : String(verdict.right)}>
        ${verdict === undefined ? nothing : html`<p>${verdict.right === undefined ? nothing : html`<b>${verdict.right ? "Yes." : "Not quite."}</b> `}${typeset(verdict.say)}</p>`}
        ${verdict?.right !== undefined && show ? html`<button type="button" class="plain" @click=${() => show()}>Show it in the figure</button>` : nothing}
      </div>
    </form>`;
  }
}
