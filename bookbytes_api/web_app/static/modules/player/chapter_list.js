/** The chapters of the book that can be played, the summary of the whole first. */
import { WHOLE_BOOK, trackName } from "./queue.js";
import { clock } from "./times.js";

/** @typedef {import("./player.js").Player} Player */

/**
 * @param {HTMLElement} list
 * @param {Player} player
 */
export function showChapters(list, player) {
  let shown = "";
  player.addEventListener("change", () => {
    const tracks = player.queue?.all ?? [];
    const wanted = JSON.stringify(tracks.map((track) => [track.id, track.title]));
    if (wanted !== shown) {
      shown = wanted;
      list.replaceChildren(...tracks.map((track) => row(player, track)));
    }
    for (const button of list.querySelectorAll("button")) {
      button.setAttribute("aria-current", String(Number(button.dataset.number) === player.track?.chapter_number));
    }
  });
}

/**
 * @param {Player} player
 * @param {import("./queue.js").Track} track
 */
function row(player, track) {
  const [item, button, length] = [document.createElement("li"), document.createElement("button"), document.createElement("span")];
  button.type = "button";
  button.dataset.number = String(track.chapter_number);
  length.className = "quiet";
  length.textContent = track.chapter_number === WHOLE_BOOK ? `the whole book, ${clock(track.duration ?? 0)}` : clock(track.duration ?? 0);
  const title = document.createElement("span");
  title.dir = "auto";
  title.textContent = trackName(track);
  button.append(title, " ", length);
  button.addEventListener("click", () => player.start(track.chapter_number, 0, true));
  item.append(button);
  return item;
}
