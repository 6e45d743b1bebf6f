// Aligns two lists of nodes: which of one are which of the other, in the same order.

import { isBlank, isElement, kindOf } from "./tree.js";

/** @import { TreeNode } from "./tree.js" */

// What two lists may have between nodes that surely are counterparts: a document that was rewritten reloads.
const MOST_CELLS = 1_000_000;

/** @param {TreeNode} old @param {TreeNode} fresh @returns {number} how much the two are alike, 0 for not at all */
export function likeness(old, fresh) {
  if (old.number === fresh.number) return isBlank(old) ? 2 : isElement(old) ? 9 : 6;
  if (kindOf(old) !== kindOf(fresh)) return 0;
  if (!isElement(old)) return 1;
  /** @param {TreeNode} node */
  const content = ({ children }) => children.filter((child) => !isBlank(child));
  const [before, after] = [content(old), content(fresh)];
  const first = before.length && before[0].number === after[0]?.number;
  const last = before.length && before[before.length - 1].number === after[after.length - 1]?.number;
  return 2 + (old.label === fresh.label ? 2 : 0) + (first ? 1 : 0) + (last ? 1 : 0);
}

/**
 * @param {TreeNode[]} olds
 * @param {TreeNode[]} news
 * @param {typeof likeness} alike
 * @returns {[TreeNode, TreeNode][]} the counterparts in their order
 * @throws {Error} where that would take too long
 */
export function align(olds, news, alike = likeness) {
  let start = 0;
  let end = 0;
  const most = Math.min(olds.length, news.length);
  while (start < most && olds[start].number === news[start].number) start++;
  while (end < most - start && olds[olds.length - 1 - end].number === news[news.length - 1 - end].number) end++;
  /** @type {[TreeNode, TreeNode][]} */
  const pairs = [];
  for (let at = 0; at < start; at++) pairs.push([olds[at], news[at]]);
  const [oldEnd, newEnd] = [olds.length - end, news.length - end];
  let [oldAt, newAt] = [start, start];
  for (const [old, fresh] of [...surePairs(olds, start, oldEnd, news, start, newEnd), [oldEnd, newEnd]]) {
    pairs.push(...bestPairs(olds.slice(oldAt, old), news.slice(newAt, fresh), alike));
    if (old < oldEnd) pairs.push([olds[old], news[fresh]]);
    [oldAt, newAt] = [old + 1, fresh + 1];
  }
  for (let at = 0; at < end; at++) pairs.push([olds[oldEnd + at], news[newEnd + at]]);
  return pairs;
}

/**
 * Find elements that are in each list once: the most of them that are in the same order.
 * @param {TreeNode[]} olds
 * @param {number} oldStart
 * @param {number} oldEnd
 * @param {TreeNode[]} news
 * @param {number} newStart
 * @param {number} newEnd
 * @returns {[number, number][]} their indexes
 */
function surePairs(olds, oldStart, oldEnd, news, newStart, newEnd) {
  const before = single(olds, oldStart, oldEnd);
  const after = single(news, newStart, newEnd);
  /** @type {[number, number][]} */
  const pairs = [];
  for (let at = oldStart; at < oldEnd; at++) {
    const { number } = olds[at];
    if (before[number] >= 0 && after[number] >= 0) pairs.push([at, after[number]]);
  }
  return increasing(pairs);
}

/**
 * @param {TreeNode[]} nodes
 * @param {number} start
 * @param {number} end
 * @returns {Record<number, number>} the index of each number that one element has, and -1 for others
 */
function single(nodes, start, end) {
  /** @type {Record<number, number>} */
  const found = Object.create(null);
  for (let at = start; at < end; at++) {
    if (isElement(nodes[at])) found[nodes[at].number] = nodes[at].number in found ? -1 : at;
  }
  return found;
}

/**
 * Return the longest run of pairs whose second numbers increase, too.
 * @param {[number, number][]} pairs
 * @returns {[number, number][]}
 */
function increasing(pairs) {
  // The last pair of the best run of each length, and the pair before each pair.
  /** @type {number[]} */
  const ends = [];
  /** @type {number[]} */
  const previous = [];
  pairs.forEach(([, second], at) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[ends[middle]][1] < second) low = middle + 1;
      else high = middle;
    }
    previous.push(low ? ends[low - 1] : -1);
    ends[low] = at;
  });
  /** @type {[number, number][]} */
  const run = [];
  for (let at = ends.length ? ends[ends.length - 1] : -1; at >= 0; at = previous[at]) run.unshift(pairs[at]);
  return run;
}

/**
 * Find the counterparts that are most alike in sum.
 * @param {TreeNode[]} olds
 * @param {TreeNode[]} news
 * @param {typeof likeness} alike
 * @returns {[TreeNode, TreeNode][]}
 */
function bestPairs(olds, news, alike) {
  const [rows, columns] = [olds.length, news.length];
  if (!rows || !columns) return [];
  if (rows * columns > MOST_CELLS) throw new Error("too much differs");
  /** @type {number[][]} */
  const best = [];
  /** @type {number[][]} */
  const scores = [];
  for (let row = 0; row <= rows; row++) best.push(new Array(columns + 1).fill(0));
  for (let row = rows - 1; row >= 0; row--) {
    scores[row] = [];
    for (let column = columns - 1; column >= 0; column--) {
      const score = alike(olds[row], news[column]);
      scores[row][column] = score;
      best[row][column] = Math.max(best[row + 1][column], best[row][column + 1],
        score && score + best[row + 1][column + 1]);
    }
  }
  /** @type {[TreeNode, TreeNode][]} */
  const pairs = [];
  for (let row = 0, column = 0; row < rows && column < columns;) {
    const score = scores[row][column];
    if (score && best[row][column] === score + best[row + 1][column + 1]) pairs.push([olds[row++], news[column++]]);
    else if (best[row][column] === best[row + 1][column]) row++;
    else column++;
  }
  return pairs;
}
