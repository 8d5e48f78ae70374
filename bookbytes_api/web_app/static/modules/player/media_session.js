/** The lock screen, the keys of headphones, and the car: what plays, where it is, and what they may do. */
import { trackName } from "./queue.js";
import { BACK_S, FORWARD_S } from "./skips.js";

/** @param {import("./player.js").Player} player */
export function showInMediaSession(player) {
  const session = navigator.mediaSession;
  if (!session) {
    return;
  }
  /** @type {[MediaSessionAction, (details: MediaSessionActionDetails) => void][]} */
  const actions = [
    ["play", () => player.play()],
    ["pause", () => player.pause()],
    ["seekbackward", ({ seekOffset }) => player.skip(-(seekOffset ?? BACK_S))],
    ["seekforward", ({ seekOffset }) => player.skip(seekOffset ?? FORWARD_S)],
    ["seekto", ({ seekTime }) => player.seek(seekTime ?? 0)],
    ["previoustrack", () => player.previous()],
    ["nexttrack", () => player.next()],
  ];
  for (const [action, handler] of actions) {
    try {
      session.setActionHandler(action, handler);
    } catch {
      // an older browser does not know this action
    }
  }
  for (const name of ["opened", "chapter"]) {
    player.addEventListener(name, () => showTrack(session, player));
  }
  player.addEventListener("change", () => showPlace(session, player));
  player.audio.addEventListener("durationchange", () => showPlace(session, player));
}

/**
 * @param {MediaSession} session
 * @param {import("./player.js").Player} player
 */
function showTrack(session, { book, track }) {
  if (book && track) {
    const artwork = [{ src: new URL(`/api/v1/books/${book.id}/cover`, location.href).href, type: "image/jpeg" }];
    session.metadata = new MediaMetadata({ title: trackName(track), artist: book.author, album: book.title, artwork });
  }
}

/**
 * @param {MediaSession} session
 * @param {import("./player.js").Player} player
 */
function showPlace(session, player) {
  if (player.track === null) {
    return;
  }
  session.playbackState = player.wantsToPlay ? "playing" : "paused";
  const { duration, speed } = player;
  if (duration > 0) {
    session.setPositionState({ duration, playbackRate: speed, position: Math.min(player.seconds, duration) });
  }
}
