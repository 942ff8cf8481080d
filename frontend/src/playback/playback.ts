/**
 * Playback of a view that goes on in steps: play, pause, one step on or back, to the start and to the end.
 *
 * A view shows what its step says and nothing else, so that every step can be gone to directly.
 */

const REST = 700; // milliseconds without a step after which the link is written
const SHORTEST = 10; // milliseconds between two steps, whatever drawing takes
const CALM = 3; // steps a second at most for visitors who prefer reduced motion

export interface Stage {
  last: () => number; // the last step
  stepsPerSecond: () => number;
  isVisible: () => boolean; // playing stops when it is not
  show: (step: number) => void;
  showPlaying: (playing: boolean) => void;
  rest: (step: number) => void; // called when the step has not changed for a while
}

/** What the keys of playback do, by view and action. */
export const stages: Record<string, Record<string, () => void>> = {};

const prefersReducedMotion = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Playback {
  #stage: Stage;
  #isCalm: () => boolean;
  #step = 0; // as it was asked for; the view may have fewer
  #control: number | null = null; // the step that the rail's control holds
  #isPlaying = false;
  #next?: ReturnType<typeof setTimeout>;
  #resting?: ReturnType<typeof setTimeout>;

  constructor(stage: Stage, isCalm = prefersReducedMotion) {
    this.#stage = stage;
    this.#isCalm = isCalm;
  }

  get step() {
    return Math.min(this.#step, this.#stage.last());
  }

  get isPlaying() {
    return this.#isPlaying;
  }

  get isAtEnd() {
    return this.step >= this.#stage.last();
  }

  /** Show a step; playing goes on unless it is the last. */
  show(step: number) {
    this.#step = Math.max(0, Math.min(step, this.#stage.last()));
    this.#stage.show(this.step);
    if (this.isAtEnd) this.pause();
  }

  /** Show the present step again: the view has changed. */
  refresh() {
    this.#stage.show(this.step);
  }

  /** Stop playing and show a step. */
  goTo(step: number) {
    this.pause();
    this.show(step);
    this.#restLater();
  }

  /** Take the step of the rail's control, set by a link or a visitor, and tell whether it is new. It is not shown yet. */
  take(step: unknown) {
    if (step === this.#control) return false;
    this.#control = typeof step === "number" ? step : null;
    if (!Number.isInteger(step) || Number(step) < 0 || step === this.#step) return false;
    this.pause();
    this.#step = Number(step);
    return true;
  }

  pause() {
    if (!this.isPlaying) return;
    clearTimeout(this.#next);
    this.#isPlaying = false;
    this.#stage.showPlaying(false);
    this.#restLater();
  }

  /** Play, from the start if the end is shown; or pause. */
  toggle() {
    if (this.isPlaying) {
      this.pause();
      return;
    }
    if (this.isAtEnd) this.#step = 0;
    this.#isPlaying = true;
    this.#stage.showPlaying(true);
    this.#tick();
  }

  /** Do not write the present step into the link: the server decides on the next one. */
  forgetRest() {
    clearTimeout(this.#resting);
  }

  /** What buttons and keys do, by name, while the view is shown. */
  actions() {
    const whileVisible = (action: () => void) => () => this.#stage.isVisible() && action();
    return {
      step: whileVisible(() => this.goTo(this.step + 1)),
      back: whileVisible(() => this.goTo(this.step - 1)),
      restart: whileVisible(() => this.goTo(0)),
      finish: whileVisible(() => this.goTo(this.#stage.last())),
      play: whileVisible(() => this.toggle()),
    };
  }

  #tick() {
    const begun = performance.now();
    if (!this.#stage.isVisible()) {
      this.pause();
      return;
    }
    this.show(this.step + 1);
    if (this.isPlaying) {
      const speed = this.#stage.stepsPerSecond();
      const interval = 1000 / (this.#isCalm() ? Math.min(speed, CALM) : speed);
      this.#next = setTimeout(() => this.#tick(), Math.max(SHORTEST, interval - (performance.now() - begun)));
    }
  }

  #restLater() {
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => {
      if (!this.isPlaying && this.#step !== this.#control) {
        this.#control = this.#step;
        this.#stage.rest(this.#step);
      }
    }, REST);
  }
}
