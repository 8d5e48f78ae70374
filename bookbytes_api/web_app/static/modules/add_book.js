/** `<book-search>`: the form that finds a book. `<book-choices>`: what is chosen before a book is made. */
import { announce } from "./announcements.js";
import { api } from "./api.js";
import { inWords } from "./estimate.js";
import { visit } from "./navigation.js";

const ESTIMATE_DELAY_MS = 250;

class BookSearch extends HTMLElement {
  connectedCallback() {
    this.querySelector("form")?.addEventListener("submit", (event) => {
      event.preventDefault();
      const typed = this.querySelector("input")?.value ?? "";
      void visit(`/add?${new URLSearchParams({ q: typed })}`);
    });
  }
}

class BookChoices extends HTMLElement {
  /** @type {number | undefined} */
  delay;
  /** @type {AbortController | null} */
  asking = null;

  connectedCallback() {
    this.chosenAtFirst = this.chosen().join();
    this.usualMinutes = this.range?.valueAsNumber;
    this.addEventListener("input", () => this.changed());
    this.querySelector("form")?.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.make();
    });
    this.changed();
  }

  disconnectedCallback() {
    clearTimeout(this.delay);
    this.asking?.abort();
  }

  get range() {
    return /** @type {HTMLInputElement | null} */ (this.querySelector("input[type=range]"));
  }

  /** The chapters' boxes, in reading order. */
  get boxes() {
    return /** @type {HTMLInputElement[]} */ ([...this.querySelectorAll("input[type=checkbox]")]);
  }

  /** @returns {number[]} the places of the chosen boxes */
  chosen() {
    return this.boxes.flatMap((box, place) => (box.checked ? [place] : []));
  }

  changed() {
    const minutes = this.range?.value;
    if (minutes !== undefined) {
      this.range?.setAttribute("aria-valuetext", minutes === "1" ? "1 minute" : `${minutes} minutes`);
      /** @type {Element} */ (this.querySelector("[data-part=minutes]")).textContent = `${minutes} min`;
    }
    clearTimeout(this.delay);
    this.delay = setTimeout(() => void this.estimate(), ESTIMATE_DELAY_MS);
  }

  async estimate() {
    if (this.boxes.length > 0 && this.chosen().length === 0) {
      this.showEstimate({ sound: "choose a chapter", time: "–", cost: "–" });
      return;
    }
    const wanted = new URLSearchParams(this.range === null ? {} : { minutes: this.range.value });
    for (const box of this.boxes.filter((each) => each.checked)) {
      wanted.append("words", box.dataset["words"] ?? "0");
    }
    this.asking?.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    try {
      const answer = await api("GET", `/api/v1/books/isbn/${this.dataset["isbn"]}/estimate?${wanted}`, undefined, { signal });
      this.showEstimate(inWords(answer));
    } catch (error) {
      if (!signal.aborted) {
        this.showEstimate({ sound: "unknown", time: "unknown", cost: "unknown" });
        this.showProblem(error);
      }
    }
  }

  /** @param {Record<string, string>} words */
  showEstimate(words) {
    for (const place of this.querySelectorAll("[data-estimate]")) {
      place.textContent = words[place.getAttribute("data-estimate") ?? ""] ?? "";
    }
  }

  async make() {
    const button = this.querySelector("button[type=submit]");
    button?.setAttribute("disabled", "");
    try {
      if (this.boxes.length > 0 && this.chosen().join() !== this.chosenAtFirst) {
        const chapters = this.boxes.filter((box) => box.checked).map((box) => ({ title: box.value, sections: sectionsOf(box) }));
        await api("PUT", `/api/v1/books/isbn/${this.dataset["isbn"]}/chapters`, { chapters });
        this.chosenAtFirst = this.chosen().join();
      }
      const job = await api("POST", "/api/v1/books/process", this.request());
      announce("The book is requested.");
      await visit(`/requests/${job.job_id}`);
    } catch (error) {
      this.showProblem(error);
    } finally {
      button?.removeAttribute("disabled");
    }
  }

  /** What is usual is not asked for, so that it stays what an operator changes. */
  request() {
    const minutes = this.range?.valueAsNumber;
    const voice = this.querySelector("select")?.value;
    return { isbn: this.dataset["isbn"], ...(minutes === this.usualMinutes ? {} : { minutes }), ...(voice ? { voice } : {}) };
  }

  /** @param {unknown} error */
  showProblem(error) {
    const place = this.querySelector(".form-error");
    if (place !== null) {
      place.textContent = error instanceof Error ? error.message : String(error);
      place.removeAttribute("hidden");
    }
  }
}

/**
 * @param {HTMLInputElement} box
 * @returns {number[]}
 */
function sectionsOf(box) {
  return (box.dataset["sections"] ?? "").split(",").map(Number);
}

customElements.define("book-search", BookSearch);
customElements.define("book-choices", BookChoices);
