/**
 * `<read-along data-book data-chapter>` around a list of sentences: marks the one that is spoken, and keeps it in view
 * where the one before was. Holding a sentence opens what is beside it, as its own button does.
 */

const HELD_MS = 500;
const MOVED_PX = 10;

/** @typedef {{bookId?: string, chapterNumber?: number, seconds: number, playing: boolean}} PlayerTime */

class ReadAlong extends HTMLElement {
  #leaving = new AbortController();
  /** @type {HTMLElement | null} */
  #spoken = null;
  #holding = 0;
  #wasHeld = false;

  connectedCallback() {
    this.#leaving = new AbortController();
    const { signal } = this.#leaving;
    document.addEventListener("player-time", (event) => {
      if (event instanceof CustomEvent) {
        this.#follow(event.detail);
      }
    }, { signal });
    this.#openWhenHeld(signal);
    document.dispatchEvent(new Event("player-asked"));
  }

  disconnectedCallback() {
    this.#leaving.abort();
    clearTimeout(this.#holding);
  }

  /** @param {PlayerTime} time */
  #follow({ bookId, chapterNumber, seconds, playing }) {
    const isHere = bookId === this.dataset.book && String(chapterNumber) === this.dataset.chapter;
    const spoken = isHere ? this.#sentenceAt(seconds) : null;
    if (spoken === this.#spoken) {
      return;
    }
    const wasInView = this.#spoken !== null && isInView(this.#spoken);
    this.#spoken?.removeAttribute("aria-current");
    spoken?.setAttribute("aria-current", "true");
    this.#spoken = spoken;
    if (playing && wasInView) {
      spoken?.scrollIntoView({ block: "nearest", behavior: "smooth" });
    }
  }

  /**
   * @param {number} seconds
   * @returns {HTMLElement | null}
   */
  #sentenceAt(seconds) {
    /** @type {NodeListOf<HTMLElement>} */
    const sentences = this.querySelectorAll("[data-start]");
    return [...sentences].findLast((sentence) => Number(sentence.dataset.start) <= seconds) ?? null;
  }

  /** @param {AbortSignal} signal */
  #openWhenHeld(signal) {
    let [x, y] = [0, 0];
    const letGo = () => clearTimeout(this.#holding);
    this.addEventListener("pointerdown", (event) => {
      const sentence = event.target instanceof Element ? event.target.closest(".sentence") : null;
      [x, y] = [event.clientX, event.clientY];
      this.#wasHeld = false;
      letGo();
      if (sentence !== null && event.button === 0) {
        this.#holding = setTimeout(() => this.#open(sentence), HELD_MS);
      }
    }, { signal });
    this.addEventListener("pointermove", (event) => {
      if (Math.hypot(event.clientX - x, event.clientY - y) > MOVED_PX) {
        letGo();
      }
    }, { signal });
    for (const name of ["pointerup", "pointercancel"]) {
      this.addEventListener(name, letGo, { signal });
    }
    this.addEventListener("click", (event) => {
      if (this.#wasHeld) {
        this.#wasHeld = false;
        event.preventDefault();
        event.stopPropagation();
      }
    }, { signal, capture: true });
  }

  /** @param {Element} sentence */
  #open(sentence) {
    const details = sentence.parentElement?.querySelector("details");
    if (details) {
      this.#wasHeld = true;
      details.open = true;
    }
  }
}

/** @param {Element} element */
function isInView(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

customElements.define("read-along", ReadAlong);
