// Random documents, random edits of them, and a check of what the client makes of each.
//
// A document is a list of tokens (tags, texts, comments), so that an edit may leave tags open.

/** @param {number} seed */
function randomness(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end) => Math.floor(next() * end);
  return { next, below, pick: (list) => list[below(list.length)] };
}

const INSIDE = {
  flow: "div p section ul table form details dialog select pre b i a span h1 button textarea svg math template " +
    "x-box void text text text text blank comment noscript style data video label font blockquote",
  ul: "li li li text blank comment p",
  table: "tr tbody thead caption colgroup text blank comment div tr form input-hidden style template",
  tbody: "tr tr blank comment text", thead: "tr", tr: "td td th blank text form", colgroup: "col blank",
  select: "option option optgroup blank comment", optgroup: "option option", option: "text",
  details: "summary flow flow", textarea: "text", title: "text", style: "css", svg: "g path use foreignObject desc text blank",
  g: "path use text", foreignObject: "flow", desc: "text", math: "mi mo annotation-xml", mi: "text",
  mo: "text", "annotation-xml": "flow text", p: "b i a span text text img br text font", void: "",
};
const VOID = ["br", "hr", "img", "input", "wbr"];

/** @param {ReturnType<typeof randomness>} random */
function generator(random) {
  const { next, below, pick } = random;
  let words = 0;
  const word = () => `${pick(["red", "blue", "sun", "&amp;", "&lt;b&gt;", "x&nbsp;y", "\u00e9", "&notit;", "\u{1F600}"])}${++words}`;
  const text = () => Array.from({ length: 1 + below(3) }, word).join(pick([" ", "  ", "\n", "\t"]));
  const attributes = () => {
    let all = next() < 0.5 ? ` id=i${++words}` : "";
    if (next() < 0.3) all += ` class="${pick(["a", "a b", "b  c"])}"`;
    if (next() < 0.1) all += pick([" hidden", " data-x='1'", ' title="a&quot;b"', " lang=de", ' "odd', " style='color: red'", " a:b=c"]);
    return all;
  };
  const input = () => `<input${attributes()} ${pick(["type=checkbox", "type=checkbox checked", "type=radio name=r", "type=radio name=r checked",
    "type=hidden value=t", "value=v", "type=range value=3", ""])}>`;
  const element = (name, content, more = "") => [`<${name}${attributes()}${more}>`, ...content, `</${name}>`];
  /** @returns {string[]} */
  const make = (kind, depth) => {
    if (kind === "text") return [text()];
    if (kind === "blank") return [pick(["\n", "  ", "\n  ", "\n\n"])];
    if (kind === "comment") return [`<!-- ${word()} -->`];
    if (kind === "css") return [`p { order: ${below(9)} } /* ${word()} */`];
    if (/noscript|data/.test(kind) && next() < 0.7) return [text()];
    if (kind === "noscript") return [`<noscript>`, `<p>${word()}`, "</noscript>"];
    if (kind === "data") return [`<script type="application/json">{"a": ${below(9)}}</script>`];
    if (kind === "input-hidden") return ["<input type=hidden name=h value=1>"];
    if (kind === "void") {
      const name = pick(VOID);
      return [name === "input" ? input() : `<${name}${attributes()}>`];
    }
    if (VOID.includes(kind) || kind === "col" || kind === "path" || kind === "use") {
      return [`<${kind}${attributes()}${kind === "use" ? ` xlink:href="#i${below(20)}"` : ""}${pick([" /", ""])}>`];
    }
    if (kind === "flow") return make(pick(INSIDE.flow.split(" ")), depth);
    const kinds = (INSIDE[kind] ?? INSIDE.flow).split(" ");
    const length = depth > 5 ? below(2) : below(5);
    const content = Array.from({ length }, () => make(depth > 6 ? "text" : pick(kinds), depth + 1)).flat();
    const more = kind === "details" && next() < 0.3 ? " open" : kind === "option" && next() < 0.2 ? " selected"
      : kind === "select" && next() < 0.2 ? " multiple" : "";
    const made = element(kind, content, more);
    if (next() < 0.06) made.pop();
    return made;
  };
  const some = (count) => Array.from({ length: count }, () => make("flow", 1)).flat();
  const head = () => ["<title>", word(), "</title>",
    ...(next() < 0.5 ? [`<meta name=description content="${word()}">`] : []),
    ...(next() < 0.4 ? ["\n", "<style>", `p { order: ${below(9)} }`, "</style>"] : []),
    ...(next() < 0.2 ? ["<noscript>", pick(["<style>p{}</style>", "<img src=data:,>", "<p>x"]), "</noscript>"] : []),
    ...(next() < 0.3 ? [`<link rel=canonical href="/${word()}">`] : [])];
  const document = () => {
    const frame = next();
    const body = some(3 + below(6));
    if (frame < 0.1) return [...head(), ...body];
    const doctype = pick(["<!doctype html>", "<!doctype html>", "<!doctype html>", "", '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">']);
    return [doctype, pick(["\n", ""]), `<html${attributes()}>`, pick(["\n", ""]), "<head>", pick(["\n", ""]), ...head(), "\n", "</head>", pick(["\n", ""]),
      `<body${attributes()}>`, ...body, ...(next() < 0.8 ? [pick(["\n", ""]), "</body>", "\n", "</html>", pick(["\n", "", "<!-- end -->", " late"])] : [])];
  };
  const isText = (token) => token[0] !== "<";
  /** The end of what begins at a token, where that is balanced. */
  const endOf = (tokens, start) => {
    const name = /^<([\w-]+)/.exec(tokens[start])?.[1];
    if (!name) return start + 1;
    let depth = 0;
    for (let at = start; at < tokens.length; at++) {
      if (tokens[at].startsWith(`<${name}`) && /[ >]/.test(tokens[at][name.length + 1])) depth++;
      if (tokens[at] === `</${name}>` && !--depth) return at + 1;
    }
    return start + 1;
  };
  const bodyStart = (tokens) => Math.max(0, tokens.findIndex((token) => token.startsWith("<body"))) + 1;
  /** An edit as authors do it. */
  const edit = (tokens) => {
    const start = bodyStart(tokens);
    const at = start + below(tokens.length - start);
    const token = tokens[at] ?? "";
    const where = next();
    const changed = [...tokens];
    if (where < 0.3) {
      const texts = tokens.map((_, index) => index).filter((index) => isText(tokens[index]) && /\w/.test(tokens[index]) && !/order/.test(tokens[index]));
      if (texts.length) changed[pick(texts)] = text();
    } else if (where < 0.45) {
      if (/^<[a-z]+[ >]/.test(token) && !/^<(script|noscript|iframe|input)/.test(token)) changed[at] = token.replace(/^<[a-z]+/, `$& data-e${below(3)}=${below(9)}`);
    } else if (where < 0.65) changed.splice(at, 0, ...make("flow", 3));
    else if (where < 0.8) changed.splice(at, endOf(tokens, at) - at);
    else if (where < 0.95) {
      const part = changed.splice(at, endOf(tokens, at) - at);
      changed.splice(start + below(changed.length - start + 1), 0, ...part);
    } else if (where < 0.97) {
      const titleAt = tokens.indexOf("<title>");
      if (titleAt >= 0) changed[titleAt + 1] = word();
    } else changed.splice(at, endOf(tokens, at) - at, "<div>", ...tokens.slice(at, endOf(tokens, at)), "</div>");
    return changed;
  };
  /** An edit that leaves anything open. */
  const wildEdit = (tokens) => {
    const changed = [...tokens];
    const at = below(tokens.length);
    if (next() < 0.5) changed.splice(at, 1 + below(3));
    else changed.splice(at, 0, ...pick([() => make("flow", 3), () => [pick(["</p>", "</table>", "<b>", "</div>", "<td>", "</b>"])]])());
    return changed;
  };
  return { document, edit, wildEdit };
}

/** @returns {Promise<{view: any, remove: () => void}>} a document of its own, as the browser loads it */
async function load(html) {
  const frame = document.createElement("iframe");
  const url = URL.createObjectURL(new Blob([html], { type: "text/html; charset=utf-8" }));
  const came = new Promise((done) => frame.addEventListener("load", done, { once: true }));
  frame.src = url;
  document.body.append(frame);
  await came;
  URL.revokeObjectURL(url);
  return { view: frame.contentWindow, remove: () => frame.remove() };
}

/** What a document is, with what its fields hold; texts joined. @returns {string[]} */
function lines(node, depth = 0, found = []) {
  const indent = " ".repeat(depth);
  let text;
  const flush = () => {
    if (text) found.push(`${indent} ${JSON.stringify(text)}`);
    text = "";
  };
  for (const child of (node.localName === "template" ? node.content ?? node : node).childNodes) {
    if (child.nodeType === 3) {
      text = (text ?? "") + child.data;
      continue;
    }
    flush();
    if (child.nodeType === 1) {
      const attributes = [...child.attributes].map(({ namespaceURI, name, value }) => `${namespaceURI ?? ""}|${name}=${JSON.stringify(value)}`).sort();
      const state = ["checked", "selected", "open"].filter((name) => child[name] === true);
      if (/^(input|textarea|select)$/.test(child.localName)) state.push(JSON.stringify(child.value));
      found.push(`${indent} <${child.namespaceURI} ${child.localName} ${attributes} [${state}]`);
      lines(child, depth + 1, found);
    } else found.push(`${indent} ${child.nodeName} ${child.data ?? [child.name, child.publicId, child.systemId]}`);
  }
  flush();
  return found;
}

/**
 * What a script may do to a page. Each is done in the old page and in a fresh load of the new one; where its element
 * is not there, nothing.
 */
function liveChanges(random, doc) {
  const { below, pick } = random;
  const elements = [...doc.querySelectorAll("body [id]")].filter(({ id }) => doc.querySelectorAll(`[id="${id}"]`).length === 1);
  if (!elements.length) return [];
  const one = () => `[id="${pick(elements).id}"]`;
  return Array.from({ length: 1 + below(3) }, (_, number) => {
    const [target, other] = [one(), one()];
    const first = [...doc.querySelector(target).childNodes].find(({ nodeType, data }) => nodeType === 3 && /\w/.test(data))?.data;
    const kind = below(7);
    return (page) => {
      const found = page.querySelectorAll(target);
      const others = page.querySelectorAll(other);
      // Tags that are missing double what they leave open.
      if (found.length > 1 || others.length > 1) return "unclear";
      if (!found.length) return;
      const [element] = found;
      if (kind === 0) element.setAttribute(`data-script${number}`, "1");
      else if (kind === 1) element.setAttribute("class", `${element.getAttribute("class") ?? ""} script${number}`);
      else if (kind === 2) element.append(Object.assign(page.createElement("x-new"), { textContent: `new ${number}` }));
      else if (kind === 3) element.before(Object.assign(page.createElement("x-new"), { textContent: `new ${number}` }));
      else if (kind === 4) element.remove();
      else {
        const texts = [...element.childNodes].filter(({ nodeType, data }) => nodeType === 3 && data === first);
        if (texts.length === 1) texts[0].data += "~";
        else if (kind === 6 && others.length === 1 && !element.contains(others[0])) others[0].append(element);
      }
    };
  });
}

/** What is only known by its text. */
const withoutNodes = (node) => ({ ...node, nodes: [], children: node.children.map(withoutNodes) });

/**
 * Load a document, show others in its place one after the other, and compare each with a fresh load.
 * @returns {Promise<{ways: string[], failures: object[]}>}
 */
async function round(seed, { wild, scripted, cached, link }) {
  const random = randomness(seed);
  const make = generator(random);
  const result = { ways: /** @type {string[]} */ ([]), failures: /** @type {object[]} */ ([]) };
  let tokens = make.document();
  const page = await load(tokens.join(""));
  const part = link(page.view);
  const isClient = () => false;
  const parse = (html) => part.parse(html, new page.view.DOMParser(), (text) => text, isClient);
  let old;
  try {
    old = cached ? withoutNodes(parse(tokens.join(""))) : part.read(page.view.document, isClient);
  } catch ({ message }) {
    result.ways.push(message);
    page.remove();
    return result;
  }
  const done = [];
  for (let step = 0; step < 3; step++) {
    const before = tokens.join("");
    const edits = 1 + (wild ? random.below(6) : random.below(2));
    for (let at = 0; at < edits; at++) tokens = wild && random.next() < 0.5 ? make.wildEdit(tokens) : make.edit(tokens);
    const html = tokens.join("");
    if (scripted) {
      const changes = step ? [] : liveChanges(random, page.view.document);
      changes.forEach((change) => change(page.view.document));
      done.push(...changes);
    }
    let edited;
    const untouched = lines(page.view.document).join("\n");
    try {
      const fresh = parse(html);
      const edits = part.plan(old, fresh, part.read(page.view.document, isClient));
      edited = edits.length;
      part.carryOut(edits, "");
      old = part.made(fresh);
    } catch (error) {
      if (edited === undefined) {
        result.ways.push(error.message.replace(/^<(?!noscript|meta|base).*?>|^#\w+/, "what"));
        if (lines(page.view.document).join("\n") !== untouched) result.failures.push({ seed, step, half: true });
        // What is thrown by mistake is no reason.
        if (error.constructor !== page.view.Error) result.failures.push({ seed, step, error: String(error.stack) });
      } else result.failures.push({ seed, step, error: String(error.stack), before, html });
      break;
    }
    const fresh = await load(html);
    const unclear = done.map((change) => change(fresh.view.document)).includes("unclear");
    const [is, should] = [lines(page.view.document), lines(fresh.view.document)];
    fresh.remove();
    if (unclear) break;
    const at = is.findIndex((line, index) => line !== should[index]);
    if (at >= 0 || is.length !== should.length) {
      const from = Math.max(0, at - 3);
      result.failures.push({ seed, step, before, html, done: done.map(String), is: is.slice(from, at + 4), should: should.slice(from, at + 4) });
      break;
    }
    result.ways.push(edited ? "in place" : "same");
  }
  page.remove();
  return result;
}
