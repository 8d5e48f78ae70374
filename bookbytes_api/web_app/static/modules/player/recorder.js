/** Keeps the place in this browser, and reports it with the time listened. */
import { Sitting } from "./sitting.js";
import { WHOLE_BOOK } from "./queue.js";

const KEPT_EVERY_MS = 1_000;
const REPORTED_EVERY_MS = 15_000;
const SETTLED_AFTER_MS = 700;
const DEVICE = "Web";

export class Recorder {
  /** @type {Sitting | null} */
  #sitting = null;
  #keptAt = 0;
  #reportedAt = 0;
  #soon = 0;
  /** The time of the last report: the newest one holds, so that of a book's end is later than that of its last chapter's. */
  #saidAt = 0;
  /** Whether the place has moved since it was reported: looking at a book does not make its old place new. */
  #hasMoved = false;

  /**
   * @param {import("./player.js").Player} player
   * @param {import("./reports.js").Reports} reports
   * @param {AbortSignal} signal
   */
  constructor(player, reports, signal) {
    this.player = player;
    this.reports = reports;
    player.addEventListener("play", () => this.#begin());
    player.addEventListener("time", () => this.#tick());
    for (const name of ["pause", "chapter", "chapter-end"]) {
      player.addEventListener(name, () => this.#report());
    }
    player.addEventListener("seek", () => this.#reportSoon());
    player.addEventListener("book-end", () => this.#report({ isFinished: true }));
    document.addEventListener("visibilitychange", () => document.hidden && this.#leave(), { signal });
    addEventListener("pagehide", () => this.#leave(), { signal });
  }

  #begin() {
    const { book } = this.player;
    if (book && (this.#sitting?.bookId !== book.id || this.#sitting.isOver)) {
      this.#sitting = new Sitting(book.id, DEVICE);
    }
    this.#sitting?.startCounting();
    this.#reportedAt = Date.now();
  }

  #tick() {
    const { player } = this;
    if (!player.wantsToPlay || player.audio.paused) {
      return;
    }
    this.#hasMoved = true;
    if (player.track?.chapter_number !== WHOLE_BOOK) {
      this.#sitting?.count();
    }
    if (Date.now() - this.#keptAt >= KEPT_EVERY_MS) {
      this.#keep(false);
    }
    if (Date.now() - this.#reportedAt >= REPORTED_EVERY_MS) {
      this.#report();
    }
  }

  /** Who drags the slider or holds a key seeks many times. */
  #reportSoon() {
    this.#hasMoved = true;
    this.#keep(false);
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => this.#report(), SETTLED_AFTER_MS);
  }

  #leave() {
    if (this.#hasMoved) {
      this.#report({ isLeaving: true });
    }
  }

  /** @param {boolean} isFinished */
  #keep(isFinished) {
    const { book, track, seconds, places } = this.player;
    if (book && track) {
      this.#keptAt = Date.now();
      places.keep(book.id, { chapterNumber: track.chapter_number, seconds, isFinished });
    }
  }

  /** @param {{isFinished?: boolean, isLeaving?: boolean}} [what] */
  #report({ isFinished = false, isLeaving = false } = {}) {
    const { book, track } = this.player;
    if (book === null || track === null) {
      return;
    }
    this.#keep(isFinished);
    this.#reportedAt = Date.now();
    this.#hasMoved = false;
    clearTimeout(this.#soon);
    if (track.chapter_number === WHOLE_BOOK) {
      return; // the server knows places in chapters alone
    }
    this.#saidAt = Math.max(Date.now(), this.#saidAt + 1);
    const client_time = new Date(this.#saidAt).toISOString();
    const place = { chapter_number: track.chapter_number, seconds: this.player.seconds, client_time };
    const said = isFinished ? { is_finished: true } : {};
    this.reports.addPosition({ book_id: book.id, ...place, ...said, device: DEVICE, is_playing: this.player.wantsToPlay });
    if (this.#sitting?.bookId === book.id && this.#sitting.seconds > 0) {
      this.reports.addSitting(this.#sitting.report(place, isLeaving));
    }
    void this.reports.send(isLeaving);
  }
}
