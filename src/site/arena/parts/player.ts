/** Plays a run: which step is shown, how many steps a frame, and the bar of controls below a figure. */
import { batch, effect, type ReadonlySignal, signal } from "@preact/signals-core";
import { html, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { reducedMotion } from "../figures/theme.js";

/** Milliseconds between two numbers of a text that runs: more are not read, and each is laid out anew. */
const READ = 100;

export class Player {
  /** The step that is shown. */
  readonly shown = signal(0);
  /** The same as words and tables have it: while a run plays, some ten times a second. */
  readonly told = signal(0);
  readonly playing = signal(false);
  readonly #last: () => number;
  readonly #speed: ReadonlySignal<number>;
  #frame = 0;
  #toldAt = 0;
  readonly #stop: () => void;

  /** `last` is the last step of the run, `speed` how many steps a frame. */
  constructor(last: () => number, speed: ReadonlySignal<number>) {
    this.#last = last;
    this.#speed = speed;
    this.#stop = effect(() => {
      if (this.playing.value) this.#tick();
      else {
        cancelAnimationFrame(this.#frame);
        this.told.value = this.shown.peek();
      }
    });
  }

  /** From the first step; with reduced motion to the last, where a reader finds the finished path. */
  begin(): void {
    if (reducedMotion.peek()) this.seek(this.#last());
    else this.restart();
  }

  #show(step: number): void {
    batch(() => {
      this.shown.value = step;
      const now = performance.now();
      if (this.playing.peek() && now - this.#toldAt < READ) return;
      this.#toldAt = now;
      this.told.value = step;
    });
  }

  restart(): void {
    this.#show(0);
    this.playing.value = true;
  }

  toggle(): void {
    if (this.playing.peek()) this.playing.value = false;
    else if (this.shown.peek() >= this.#last()) this.restart();
    else this.playing.value = true;
  }

  /** Shows one step, and stops there. */
  seek(step: number): void {
    this.playing.value = false;
    this.#show(Math.max(0, Math.min(this.#last(), Math.round(step))));
  }

  /** Shows all steps: what a start that is being dragged leads to. */
  finish(): void {
    this.seek(this.#last());
  }

  dispose(): void {
    this.#stop();
    cancelAnimationFrame(this.#frame);
  }

  // A hidden page has no frames: the run waits.
  #tick(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      if (!this.playing.peek()) return;
      const last = this.#last();
      const next = Math.min(last, this.shown.peek() + this.#speed.peek());
      if (next >= last) this.seek(next);
      else {
        this.#show(next);
        this.#tick();
      }
    });
  }

  bar(): TemplateResult {
    const last = this.#last();
    const shown = Math.min(last, this.shown.value);
    const playing = this.playing.value;
    return html`<div class="player">
      <button type="button" class="play" @click=${() => this.toggle()} aria-label=${playing ? "Pause" : "Play"}>
        <span class=${playing ? "icon pause" : "icon go"} aria-hidden="true"></span>
      </button>
      <button type="button" class="plain" @click=${() => this.seek(shown - 1)} aria-label="−1 step" ?disabled=${shown <= 0}>−1</button>
      <button type="button" class="plain" @click=${() => this.seek(shown + 1)} aria-label="+1 step" ?disabled=${shown >= last}>+1</button>
      <input type="range" min="0" max=${last} step="1" .value=${live(String(shown))} aria-label="Step"
        @input=${(event: Event) => this.seek(Number((event.target as HTMLInputElement).value))} />
      <output>step <b>${Math.min(last, this.told.value)}</b> of ${last}</output>
    </div>`;
  }
}
