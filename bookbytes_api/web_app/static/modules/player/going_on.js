/** What follows a chapter: the next one, waiting for it where it is still being made, or the end of the book. */
import { WHOLE_BOOK } from "./queue.js";

const LOOKS_AGAIN_AFTER_MS = 10_000;

/**
 * @typedef {import("./player.js").Player} Player
 * @typedef {import("./queue.js").Track} Track
 */

/**
 * @param {Player} player
 * @param {import("./sleep_timer.js").SleepTimer} sleepTimer
 */
export function goOnAfterChapters(player, sleepTimer) {
  player.audio.addEventListener("ended", () => {
    if (player.track !== null) {
      player.emit("chapter-end");
      void follow(player, player.track, !sleepTimer.endsWithChapter());
    }
  });
}

/**
 * @param {Player} player
 * @param {Track} ended
 * @param {boolean} plays
 */
async function follow(player, ended, plays) {
  if (ended.chapter_number === WHOLE_BOOK) {
    await backToChapters(player);
  } else if (startNext(player, ended, plays)) {
    return;
  } else if (!plays && player.book?.status === "partial") {
    player.pause();
  } else {
    await waitForNext(player, ended);
  }
}

/**
 * After the summary of the whole book: to where the listener is in its chapters.
 * @param {Player} player
 */
async function backToChapters(player) {
  const { book } = player;
  player.pause();
  if (book !== null) {
    player.places.forgetPlace(book.id);
    await player.open(book.id);
    player.say(`That was “${book.title}” in short.`);
  }
}

/**
 * @param {Player} player
 * @param {Track} ended
 * @param {boolean} plays
 * @returns {boolean} whether there is a next chapter
 */
function startNext(player, ended, plays) {
  const next = player.queue?.after(ended.chapter_number);
  if (next) {
    player.start(next.chapter_number, 0, plays);
  }
  return Boolean(next);
}

/**
 * @param {Player} player
 * @param {Track} ended
 */
async function waitForNext(player, ended) {
  const isWaiting = () => player.wantsToPlay && player.track?.id === ended.id && player.audio.ended;
  while (isWaiting() && player.book?.status === "partial") {
    if ((await player.read(player.book.id, isWaiting)) && startNext(player, ended, true)) {
      return;
    }
    if (isWaiting() && player.book.status === "partial") {
      player.say(`That was chapter ${ended.chapter_number}. The next one is still being made, and plays by itself when it is ready.`);
      await new Promise((resolve) => setTimeout(resolve, LOOKS_AGAIN_AFTER_MS));
    }
  }
  if (isWaiting()) {
    player.pause();
    player.emit("book-end");
    player.rewind();
    player.say(`You have heard “${player.book?.title}” to its end.`);
  }
}
