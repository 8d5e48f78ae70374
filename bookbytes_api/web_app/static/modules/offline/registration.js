/** Starts the service worker for whoever is signed in, and keeps the pages that say what is on this device. */
import { canKeep, openKept, removeOthers } from "./kept_cache.js";

const OWN_PAGES = ["/kept", "/offline"];

export async function startOffline() {
  if (!canKeep() || document.body.dataset.user === undefined) {
    return;
  }
  try {
    await removeOthers();
    await navigator.serviceWorker.register("/service-worker.js");
    await keepOwnPages();
  } catch (error) {
    console.info("Nothing can be kept on this device:", error);
  }
}

/** Once for each version: the pages name the styles and modules of theirs. */
async function keepOwnPages() {
  const cache = await openKept();
  const kept = await (await cache.match("/offline", { ignoreVary: true }))?.text();
  const version = new URL("../main.js", import.meta.url).pathname;
  if (!kept?.includes(version)) {
    await Promise.all(OWN_PAGES.map(async (address) => cache.put(address, await fetch(address, { cache: "reload" }))));
  }
}
