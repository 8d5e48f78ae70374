/** Stops after some minutes, or at the end of the chapter. */

/** @typedef {"" | "chapter" | `${number}`} Choice nothing, the end of the chapter, or minutes */

export class SleepTimer extends EventTarget {
  /** @type {Choice} */
  choice = "";
  #end = 0;
  #ticking = 0;

  /** @param {import("./player.js").Player} player */
  constructor(player) {
    super();
    this.player = player;
  }

  /** The seconds that are left; 0 without minutes. */
  get secondsLeft() {
    return this.#end ? Math.max(0, (this.#end - Date.now()) / 1000) : 0;
  }

  /** @param {string} choice */
  set(choice) {
    clearInterval(this.#ticking);
    this.choice = /** @type {Choice} */ (choice);
    const minutes = Number.parseFloat(choice);
    this.#end = minutes > 0 ? Date.now() + minutes * 60_000 : 0;
    if (this.#end) {
      this.#ticking = setInterval(() => this.#tick(), 1000);
    }
    this.dispatchEvent(new Event("change"));
  }

  /** Whether the chapter that ends now is the last one; that is asked once. */
  endsWithChapter() {
    const isLast = this.choice === "chapter";
    if (isLast) {
      this.set("");
    }
    return isLast;
  }

  #tick() {
    if (this.secondsLeft === 0) {
      this.player.pause();
      this.set("");
    } else {
      this.dispatchEvent(new Event("change"));
    }
  }
}
