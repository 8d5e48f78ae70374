/**
 * `<job-progress data-job="ID">`: a request while it is made, by the events of its job. Rows change in place, so that
 * nobody's focus is lost; screen readers hear milestones only.
 * @typedef {{number: number, title: string, state: "pending" | "processing" | "ready" | "missing"}} Chapter
 * @typedef {{title: string | null, authors: string[], progress: number, current_step: string | null, book_id: string | null, current_chapter: {number: number} | null, chapters: Chapter[], eta_seconds: number | null, status: string}} Job
 */
import { announce } from "./announcements.js";
import { timeLeft } from "./time_left.js";

const COUNT_DOWN_MS = 5000;
const RECONNECT_MS = 5000;
/** @type {Record<string, string>} */
const ENDS = { completed: "is finished", failed: "could not be made", cancelled: "is no longer being made" };
const STATES = { pending: "waiting", processing: "speaking", ready: "ready", missing: "missing" };

class JobProgress extends HTMLElement {
  /** @type {EventSource | null} */
  events = null;
  /** @type {number | undefined} */
  clock;
  /** @type {number | undefined} */
  reconnecting;
  /** @type {number | null} */
  endsAt = null;

  connectedCallback() {
    /** @type {Record<string, string>} */
    this.steps = JSON.parse(this.dataset["steps"] ?? "{}");
    /** @type {Record<string, [string, string]>} */
    this.states = JSON.parse(this.dataset["states"] ?? "{}");
    if (this.dataset["ended"] === "false") {
      this.follow();
      this.clock = setInterval(() => this.countDown(), COUNT_DOWN_MS);
    }
  }

  disconnectedCallback() {
    this.stop();
  }

  stop() {
    this.events?.close();
    clearInterval(this.clock);
    clearTimeout(this.reconnecting);
  }

  follow() {
    const events = new EventSource(`/api/v1/jobs/${this.dataset["job"]}/events`);
    this.events = events;
    events.addEventListener("progress", (event) => this.show(JSON.parse(event.data)));
    events.addEventListener("end", (event) => {
      this.stop();
      this.show(JSON.parse(event.data));
      void this.end(JSON.parse(event.data));
    });
    events.addEventListener("error", () => {
      if (events.readyState === EventSource.CLOSED) {
        this.reconnecting = setTimeout(() => this.follow(), RECONNECT_MS);
      }
    });
  }

  /** @param {Job} job */
  show(job) {
    if (job.title !== null) {
      document.title = `${job.title} – BookBytes`;
      this.say("title", job.title);
      this.say("authors", job.authors.join(", "));
    }
    this.say("step", this.steps?.[job.current_step ?? ""] ?? "");
    this.say("percent", `${job.progress} %`);
    this.querySelector("#job-bar")?.setAttribute("value", String(job.progress));
    this.endsAt = job.eta_seconds === null ? null : Date.now() + 1000 * job.eta_seconds;
    this.countDown();
    const couldHear = this.readyRows > 0;
    job.chapters.forEach((chapter) => this.showChapter(job, chapter));
    this.find("no-chapters")?.toggleAttribute("hidden", this.rows.length > 0);
    if (!couldHear && this.readyRows > 0 && job.status === "processing") {
      announce("The first chapter is ready.");
    }
  }

  get readyRows() {
    return this.querySelectorAll("li[data-state=ready]").length;
  }

  /**
   * @param {Job} job
   * @param {Chapter} chapter
   */
  showChapter(job, chapter) {
    const row = this.rowOf(chapter);
    const isBeingWritten = job.current_step === "generating_summaries" && job.current_chapter?.number === chapter.number;
    const state = chapter.state === "pending" && isBeingWritten ? "writing" : STATES[chapter.state];
    const button = row.querySelector("button");
    this.setState(row, state);
    button?.setAttribute("data-play-book", job.book_id ?? "");
    button?.toggleAttribute("hidden", state !== "ready" || job.book_id === null);
  }

  /**
   * @param {HTMLElement} row
   * @param {string} state
   */
  setState(row, state) {
    if (row.dataset["state"] !== state) {
      const [words, icon] = this.states?.[state] ?? ["", ""];
      row.dataset["state"] = state;
      row.querySelector(".state use")?.setAttribute("href", `#icon-${icon}`);
      /** @type {Element} */ (row.querySelector(".state span")).textContent = words;
    }
  }

  /** @returns {HTMLElement[]} */
  get rows() {
    return [...this.querySelectorAll("li")];
  }

  /**
   * @param {Chapter} chapter
   * @returns {HTMLElement}
   */
  rowOf(chapter) {
    const known = /** @type {HTMLElement | null} */ (this.querySelector(`li[data-number="${chapter.number}"]`));
    if (known !== null) {
      return known;
    }
    const blank = /** @type {HTMLTemplateElement} */ (this.querySelector("template")).content.querySelector("li");
    const row = /** @type {HTMLElement} */ (document.importNode(/** @type {Node} */ (blank), true));
    const number = String(chapter.number);
    row.dataset["number"] = number;
    /** @type {Element} */ (row.querySelector(".number")).textContent = number;
    /** @type {Element} */ (row.querySelector(".chapter-title")).textContent = chapter.title;
    const button = /** @type {HTMLElement} */ (row.querySelector("button"));
    button.id = `play-${number}`;
    button.dataset["chapter"] = number;
    for (const [part, verb] of [["to-play", "Play"], ["to-pause", "Pause"]]) {
      /** @type {Element} */ (button.querySelector(`.${part} .visually-hidden`)).textContent = `${verb} chapter ${number}, ${chapter.title}`;
    }
    this.querySelector(".job-chapters")?.append(row);
    return row;
  }

  countDown() {
    this.say("left", timeLeft(this.endsAt === null ? null : (this.endsAt - Date.now()) / 1000));
  }

  /**
   * Show how it ended: the server says it, with what can be done now.
   * @param {Job} job
   */
  async end(job) {
    const place = this.find("outcome");
    const response = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const outcome = page.querySelector("job-progress [data-part=outcome]");
    this.find("overall")?.setAttribute("hidden", "");
    this.say("no-chapters", page.querySelector("job-progress [data-part=no-chapters]")?.textContent ?? "");
    this.rows.filter((row) => row.dataset["state"] !== "ready").forEach((row) => this.setState(row, "missing"));
    if (place === null || outcome === null) {
      return;
    }
    const hadFocus = place.contains(document.activeElement);
    place.replaceChildren(...[...outcome.childNodes].map((node) => document.adoptNode(node)));
    if (hadFocus) {
      place.focus();
    }
    announce(`${job.title ?? "The book"} ${ENDS[job.status] ?? "was not made"}.`);
  }

  /** @param {string} name */
  find(name) {
    return /** @type {HTMLElement | null} */ (this.querySelector(`[data-part=${name}]`));
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  say(name, text) {
    const place = this.find(name);
    if (place !== null && place.textContent !== text) {
      place.textContent = text;
    }
  }
}

customElements.define("job-progress", JobProgress);
