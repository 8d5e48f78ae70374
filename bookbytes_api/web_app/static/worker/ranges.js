/** Parts of a body that is kept whole: players ask for the bytes that they need next. */

/**
 * Return the part that the header `Range` names (206), 416 where the body has no such part, and the whole body without
 * a range or with one that is not understood, as the server would.
 * @param {Response} kept
 * @param {string | null} range
 * @returns {Promise<Response>}
 */
async function partOf(kept, range) {
  const asked = /^bytes=(\d*)-(\d*)$/.exec((range ?? "").replaceAll(" ", ""));
  if (asked === null) {
    return kept;
  }
  const body = await kept.blob();
  const bounds = boundsOf(asked[1] ?? "", asked[2] ?? "", body.size);
  const headers = new Headers(kept.headers);
  if (bounds === "whole") {
    return new Response(body, { headers });
  }
  if (bounds === "none") {
    return new Response(null, { status: 416, headers: { "Content-Range": `bytes */${body.size}` } });
  }
  const part = body.slice(bounds.first, bounds.last + 1);
  headers.set("Content-Range", `bytes ${bounds.first}-${bounds.last}/${body.size}`);
  headers.set("Content-Length", String(part.size));
  return new Response(part, { status: 206, headers });
}

/**
 * @param {string} first digits, or nothing for the last bytes
 * @param {string} last digits: the last byte, or how many of the last ones; nothing for all that follow
 * @param {number} size
 * @returns {{first: number, last: number} | "whole" | "none"} the bytes, both included
 */
function boundsOf(first, last, size) {
  if (first === "") {
    const count = Math.min(Number(last), size);
    return last === "" ? "whole" : count === 0 ? "none" : { first: size - count, last: size - 1 };
  }
  if (last !== "" && Number(last) < Number(first)) {
    return "whole";
  }
  if (Number(first) >= size) {
    return "none";
  }
  return { first: Number(first), last: last === "" ? size - 1 : Math.min(Number(last), size - 1) };
}
