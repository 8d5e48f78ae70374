/** What does not fit into the bar, in a dialog: the chapters, speed, sleep timer, volume, bookmark, keys. */
import { announce } from "../announcements.js";
import { api } from "../api.js";
import { part } from "../parts.js";
import { showChapters } from "./chapter_list.js";
import { WHOLE_BOOK } from "./queue.js";
import { clock } from "./times.js";

/** @typedef {import("./player.js").Player} Player */

export class Sheet {
  /**
   * @param {HTMLElement} element
   * @param {Player} player
   * @param {import("./settings.js").Settings} settings
   * @param {import("./sleep_timer.js").SleepTimer} sleepTimer
   */
  constructor(element, player, settings, sleepTimer) {
    this.element = element;
    this.player = player;
    this.dialog = part(element, ".player-sheet", HTMLDialogElement);
    this.help = part(element, ".player-help", HTMLDialogElement);
    for (const dialog of [this.dialog, this.help]) {
      dialog.addEventListener("click", (event) => closeFrom(event, dialog));
    }
    part(element, "[data-action=help]", HTMLButtonElement).addEventListener("click", () => this.showHelp());
    part(element, "[data-action=bookmark]", HTMLButtonElement).addEventListener("click", () => void this.#setBookmark());
    showChapters(part(element, ".player-chapters", HTMLElement), player);
    showSpeed(element, player, settings);
    showVolume(element, player, settings);
    showSleepTimer(element, sleepTimer);
    player.addEventListener("change", () => this.#showBook());
  }

  /** @param {"speed" | "sleep" | "chapters"} [first] where the focus begins */
  show(first = "chapters") {
    this.dialog.showModal();
    const { player } = this;
    if (player.book?.status === "partial") {
      const { id } = player.book;
      void player.read(id, () => player.book?.id === id);
    }
    const beginning = { speed: "#player-speed", sleep: "#player-sleep", chapters: ".player-chapters [aria-current=true]" }[first];
    const control = this.dialog.querySelector(beginning);
    if (control instanceof HTMLElement) {
      control.focus();
      control.scrollIntoView({ block: "nearest" });
    }
  }

  showHelp() {
    if (!this.help.open) {
      this.help.showModal();
    }
  }

  #showBook() {
    const { book, track } = this.player;
    part(this.dialog, "h2", HTMLHeadingElement).textContent = book?.title ?? "";
    part(this.dialog, "[data-action=bookmark]", HTMLButtonElement).hidden = track === null || track.chapter_number === WHOLE_BOOK;
    part(this.dialog, ".player-bookmarks", HTMLAnchorElement).href = `/books/${book?.id}/bookmarks`;
  }

  async #setBookmark() {
    const { book, track, seconds } = this.player;
    if (book === null || track === null) {
      return;
    }
    this.dialog.close();
    try {
      await api("POST", "/api/v1/me/bookmarks", { book_id: book.id, chapter_number: track.chapter_number, seconds });
      announce(`Bookmark set at ${clock(seconds)} of chapter ${track.chapter_number}.`);
    } catch (error) {
      announce(error instanceof Error ? error.message : String(error));
    }
  }
}

/**
 * Close a dialog by its button, a link in it, or a click beside it.
 * @param {MouseEvent} event
 * @param {HTMLDialogElement} dialog
 */
function closeFrom({ target }, dialog) {
  if (target === dialog || (target instanceof Element && target.closest("[data-action=close], a"))) {
    dialog.close();
  }
}

/**
 * @param {HTMLElement} element
 * @param {Player} player
 * @param {import("./settings.js").Settings} settings
 */
function showSpeed(element, player, settings) {
  const select = part(element, "#player-speed", HTMLSelectElement);
  select.addEventListener("change", () => {
    settings.speed = Number(select.value);
  });
  const follow = () => {
    select.value = String(settings.speed);
  };
  player.addEventListener("speed", follow);
  follow();
}

/**
 * @param {HTMLElement} element
 * @param {Player} player
 * @param {import("./settings.js").Settings} settings
 */
function showVolume(element, player, settings) {
  const slider = part(element, "#player-volume", HTMLInputElement);
  slider.addEventListener("input", () => {
    settings.volume = slider.valueAsNumber / 100;
  });
  const follow = () => {
    const percent = Math.round(settings.volume * 100);
    slider.value = String(percent);
    slider.setAttribute("aria-valuetext", player.audio.muted ? "off" : `${percent} %`);
  };
  player.addEventListener("volume", follow);
  follow();
}

/**
 * @param {HTMLElement} element
 * @param {import("./sleep_timer.js").SleepTimer} sleepTimer
 */
function showSleepTimer(element, sleepTimer) {
  const select = part(element, "#player-sleep", HTMLSelectElement);
  const places = element.querySelectorAll(".player-sleep-left");
  select.addEventListener("change", () => sleepTimer.set(select.value));
  sleepTimer.addEventListener("change", () => {
    const { choice, secondsLeft } = sleepTimer;
    select.value = choice;
    const left = choice === "chapter" ? "end of chapter" : secondsLeft ? clock(secondsLeft) : "";
    places.forEach((place) => place.replaceChildren(left));
  });
}
