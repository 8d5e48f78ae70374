/**
 * What pages have of the player. Buttons play: `data-play-book`, and `data-chapter` and `data-seconds` for a place. Those
 * of what is in the player stop it as well, and get `data-playing`, but for those with `data-jump`, which always go to
 * their place. The event `player-time` says where the player is, also to who asks with `player-asked`.
 */

/**
 * @param {import("./player.js").Player} player
 * @param {AbortSignal} signal
 */
export function servePlayButtons(player, signal) {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-play-book]") : null;
    if (button instanceof HTMLElement && !event.defaultPrevented) {
      pressed(player, button);
    }
  }, { signal });
  const mark = () => document.querySelectorAll("[data-play-book]").forEach((button) => {
    if (button instanceof HTMLElement) {
      markButton(player, button);
    }
  });
  const tell = () => document.dispatchEvent(new CustomEvent("player-time", { detail: detailOf(player) }));
  for (const name of ["book", "opened", "chapter", "play", "pause"]) {
    player.addEventListener(name, mark);
  }
  for (const name of ["change", "time"]) {
    player.addEventListener(name, tell);
  }
  const appearing = new MutationObserver(mark);
  appearing.observe(document.body, { childList: true, subtree: true, attributeFilter: ["data-play-book"] });
  signal.addEventListener("abort", () => appearing.disconnect());
  document.addEventListener("player-asked", tell, { signal });
}

/**
 * @param {import("./player.js").Player} player
 * @param {HTMLElement} button
 */
function pressed(player, button) {
  const { playBook = "", chapter, seconds } = button.dataset;
  if (isInHand(player, button) && !isJump(button)) {
    player.toggle();
  } else if (player.book?.id === playBook && chapter !== undefined) {
    player.start(Number(chapter), Number(seconds ?? 0), true);
  } else {
    void player.open(playBook, { chapterNumber: numberIn(chapter), seconds: numberIn(seconds), play: true });
  }
}

/**
 * @param {HTMLElement} button
 * @returns {boolean} whether it goes to its place each time, and stops nothing
 */
function isJump(button) {
  return button.dataset.jump !== undefined;
}

/** @param {string | undefined} text */
function numberIn(text) {
  return text === undefined ? undefined : Number(text);
}

/**
 * @param {import("./player.js").Player} player
 * @param {HTMLElement} button
 */
function markButton(player, button) {
  if (isInHand(player, button) && !isJump(button)) {
    button.dataset.playing = String(player.wantsToPlay);
  } else {
    delete button.dataset.playing;
  }
}

/**
 * @param {import("./player.js").Player} player
 * @param {HTMLElement} button
 * @returns {boolean} whether it is one of the book, and of the chapter if it names one, that the player has
 */
function isInHand({ book, track }, { dataset }) {
  const { playBook, chapter } = dataset;
  return track !== null && playBook === book?.id && (chapter === undefined || Number(chapter) === track.chapter_number);
}

/** @param {import("./player.js").Player} player */
function detailOf({ book, track, seconds, wantsToPlay }) {
  return { bookId: book?.id, chapterNumber: track?.chapter_number, seconds, playing: wantsToPlay };
}
