// Finds what differs between two texts. Nothing here touches the document.

/**
 * Return what to replace in the pieces of a text, so that a selection beside it stays.
 * @param {string[]} pieces
 * @param {string} text what they are to be together
 * @returns {{at: number, start: number, count: number, added: string}[]} the number of a piece, how many characters
 *   to replace after how many, and by what
 */
export function replacements(pieces, text) {
  const old = pieces.join("");
  const most = Math.min(old.length, text.length);
  let start = 0;
  let end = 0;
  while (start < most && old[start] === text[start]) start++;
  while (end < most - start && old[old.length - 1 - end] === text[text.length - 1 - end]) end++;
  let added = text.slice(start, text.length - end);
  let removed = old.length - end - start;
  /** @type {{at: number, start: number, count: number, added: string}[]} */
  const found = [];
  pieces.forEach(({ length }, at) => {
    const count = Math.min(removed, length - start);
    if (start <= length && (count || added)) {
      found.push({ at, start, count, added });
      removed -= count;
      added = "";
    }
    start = Math.max(start - length, 0);
  });
  return found;
}
