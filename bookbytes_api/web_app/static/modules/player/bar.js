/** The bar: what plays, where it is, and the buttons that are always there. */
import { part } from "../parts.js";
import { WHOLE_BOOK, trackName } from "./queue.js";
import { showSeekSlider } from "./seek_slider.js";
import { BACK_S, FORWARD_S } from "./skips.js";

/** @typedef {import("./player.js").Player} Player */

/**
 * @param {HTMLElement} element
 * @param {Player} player
 * @param {import("./sheet.js").Sheet} sheet
 * @param {import("./recovery.js").Recovery} recovery
 */
export function showBar(element, player, sheet, recovery) {
  /** @type {Record<string, () => void>} */
  const actions = {
    previous: () => player.previous(),
    back: () => player.skip(-BACK_S),
    play: () => player.toggle(),
    forward: () => player.skip(FORWARD_S),
    next: () => player.next(),
    again: () => recovery.tryAgain(),
    sheet: () => sheet.show(),
    speed: () => sheet.show("speed"),
    sleep: () => sheet.show("sleep"),
  };
  element.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button[data-action]") : null;
    if (button instanceof HTMLElement) {
      actions[button.dataset.action ?? ""]?.();
    }
  });
  for (const name of ["opened", "chapter"]) {
    player.addEventListener(name, () => showTrack(element, player));
  }
  player.addEventListener("change", () => showState(element, player));
  showSeekSlider(element, player);
}

/**
 * @param {HTMLElement} element
 * @param {Player} player
 */
function showTrack(element, { book, track }) {
  if (book === null || track === null) {
    return;
  }
  const chapter = part(element, ".player-chapter", HTMLAnchorElement);
  chapter.href = `/books/${book.id}/chapters/${track.chapter_number}`;
  chapter.textContent = trackName(track);
  const title = part(element, ".player-book", HTMLElement);
  title.textContent = track.chapter_number === WHOLE_BOOK && track.title === book.title ? book.author : book.title;
  const cover = part(element, ".player-cover", HTMLImageElement);
  const address = `/api/v1/books/${book.id}/cover`;
  if (cover.getAttribute("src") !== address) {
    cover.src = address;
  }
}

/**
 * @param {HTMLElement} element
 * @param {Player} player
 */
function showState(element, { queue, track, wantsToPlay, message, canTryAgain, speed }) {
  element.hidden = track === null && message === "";
  part(element, ".player-bar", HTMLElement).hidden = track === null;
  const play = part(element, "[data-action=play]", HTMLButtonElement);
  play.dataset.playing = String(wantsToPlay);
  play.setAttribute("aria-label", wantsToPlay ? "Pause" : "Play");
  for (const next of element.querySelectorAll("[data-action=next]")) {
    next.toggleAttribute("disabled", queue?.after(track?.chapter_number ?? 0) === null);
  }
  part(element, ".player-speed", HTMLElement).textContent = `${speed}×`;
  part(element, ".player-message span", HTMLElement).textContent = message;
  part(element, ".player-message", HTMLElement).classList.toggle("is-shown", message !== "");
  part(element, "[data-action=again]", HTMLButtonElement).hidden = !canTryAgain;
}
