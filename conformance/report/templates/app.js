"use strict";
// Opens pages of instances, filters their list, copies and saves. What comes from the wire gets
// into the page as text, or as markup that was escaped when the report was written.
(async () => {
  const PART = ["html", "capture", "loose", "text", "mermaid", "plantuml"];
  const STEP = 100, EVERY = 200, HELD = 6, DUMP = 16384;
  const $ = (id) => document.getElementById(id);
  const overview = $("overview"), page = $("page"), form = $("filters");
  if (!form) return;
  const decoder = new TextDecoder();
  const title = document.title;

  const say = (text) => { $("said").textContent = text; };

  function element(name, given, ...inside) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(given)) made.setAttribute(key, value);
    made.append(...inside);
    return made;
  }

  async function inflate(id) {
    const text = atob($(id).textContent), octets = new Uint8Array(text.length);
    for (let at = 0; at < text.length; at++) octets[at] = text.charCodeAt(at);
    const stream = new Blob([octets]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  if (!("DecompressionStream" in window)) {
    $("found").textContent = "This browser is too old to open the pages of the instances.";
    return;
  }

  // --- the index, and the records that it points to ---

  const index = JSON.parse(decoder.decode(await inflate("rows")));
  const rows = index.rows.map((row) => {
    const [id, flow, verdict, summary, user, reason, time, captures, judged, more,
      block, place] = row;
    const words = [id, summary, user, reason, more].join(" ").toLowerCase();
    return { id, flow: index.flows[flow] ?? "", verdict, summary, user, reason, time, captures,
      judged, words, block, place };
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  const blocks = new Map();

  async function record(row) {
    if (!blocks.has(row.block)) {
      if (blocks.size >= HELD) blocks.delete(blocks.keys().next().value);
      blocks.set(row.block, inflate(`block-${row.block}`));
    }
    const octets = await blocks.get(row.block);
    const end = octets.indexOf(10);
    const heads = JSON.parse(decoder.decode(octets.subarray(0, end)));
    const found = { octets: heads[row.place].octets };
    let at = end + 1;
    // First stands the first part of every page, then the second of every page.
    PART.forEach((part, kind) => heads.forEach(({ parts }, place) => {
      if (place === row.place) found[part] = octets.subarray(at, at + parts[kind]);
      at += parts[kind];
    }));
    return found;
  }

  // --- the list ---

  let listed = rows, shown = STEP;
  const names = ["q", "v", "flow", "r", "c"];

  function chip(verdict) {
    return element("span", { class: `chip v-${verdict}` },
      `${index.signs[verdict]} ${index.words[verdict]}`);
  }

  function line(row) {
    const link = element("a", { href: `#i=${encodeURIComponent(row.id)}` }, row.id);
    const about = [row.flow, row.user, row.time].filter(Boolean).join(" · ");
    const reason = row.reason ? `${row.reason}: ` : "";
    return element("li", {}, chip(row.verdict),
      element("div", {}, link, element("span", { class: "muted small" }, ` ${about}`),
        element("p", {}, reason + row.summary)));
  }

  function wanted() {
    const value = Object.fromEntries(names.map((name) => [name, form.elements[name].value]));
    const requirement = index.requirements.indexOf(value.r);
    const words = value.q.toLowerCase().split(/\s+/).filter(Boolean);
    return (row) => (!value.v || row.verdict === value.v) && (!value.flow || row.flow === value.flow)
      && (!value.r || row.judged.includes(requirement))
      && (!value.c || row.captures.includes(Number(value.c)))
      && words.every((word) => row.words.includes(word));
  }

  function list() {
    listed = rows.filter(wanted());
    const some = listed.slice(0, shown);
    $("list").replaceChildren(...some.map(line));
    const all = listed.length === rows.length;
    $("found").textContent = all ? `${rows.length} instances` :
      `${listed.length} of ${rows.length} instances`;
    $("more").hidden = listed.length <= shown;
    $("every").hidden = !listed.length;
    $("every").textContent = listed.length > EVERY ?
      `Open the first ${EVERY} on one page, to print` : "Open all listed on one page, to print";
  }

  function filters() {
    const set = names.filter((name) => form.elements[name].value);
    return set.map((name) => `${name}=${encodeURIComponent(form.elements[name].value)}`).join("&");
  }

  let waiting = 0;
  function changed() {
    shown = STEP;
    list();
    clearTimeout(waiting);
    waiting = setTimeout(() => history.replaceState(null, "", `#${filters() || "instances"}`), 200);
  }
  form.addEventListener("input", changed);
  form.addEventListener("reset", () => setTimeout(changed));
  form.addEventListener("submit", (event) => event.preventDefault());
  $("more").addEventListener("click", () => { shown += STEP; list(); });
  $("every").addEventListener("click", every);

  // --- the page of one instance ---

  let open = null, saved = [];

  function clear() {
    saved.forEach((url) => URL.revokeObjectURL(url));
    saved = [];
    page.replaceChildren();
  }

  function put(found, row) {
    const holder = document.createElement("template");
    holder.innerHTML = decoder.decode(found.html);
    const article = holder.content.firstElementChild;
    for (const button of article.querySelectorAll("[data-copy]"))
      button.addEventListener("click", () => copy(decoder.decode(found[button.dataset.copy])));
    for (const button of article.querySelectorAll("[data-copy-filter]"))
      button.addEventListener("click", () => copy(button.previousElementSibling.textContent));
    for (const link of article.querySelectorAll("[data-download]")) {
      const url = URL.createObjectURL(new Blob([found.capture], { type: "application/x-pcapng" }));
      saved.push(url);
      link.href = url;
      link.download = link.dataset.download.replace(/[^\w.-]+/g, "_");
    }
    for (const box of article.querySelectorAll("[data-octets]"))
      box.addEventListener("toggle", () => dump(box, found), { once: true });
    for (const box of article.querySelectorAll("[data-sent]"))
      box.addEventListener("toggle", () => sent(box, found), { once: true });
    const fold = article.querySelector("[data-unfold]");
    if (fold) fold.addEventListener("change", () => unfold(article, fold.checked));
    article.dataset.id = row.id;
    page.append(article);
    return article;
  }

  function unfold(article, whole) {
    article.querySelector(".folded-drawing").hidden = whole;
    article.querySelector(".whole-drawing").hidden = !whole;
  }

  function message(number, found) {
    const ranges = found.octets[Number(number)] ?? [];
    // Ranges count from the capture's start, and go on into the loose octets behind it.
    const size = found.capture.length;
    const parts = ranges.map(([at, length]) => at < size
      ? found.capture.subarray(at, at + length)
      : found.loose.subarray(at - size, at - size + length));
    const octets = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) { octets.set(part, at); at += part.length; }
    return octets;
  }

  function fill(box, text, octets) {
    const more = Number(box.dataset.total) - Math.min(octets.length, DUMP);
    box.querySelector("pre").textContent = more > 0 ? `${text}\n… ${more} octets more` : text;
  }

  // Controls, and signs that reorder what is read around them, are spelt out.
  const UNSAFE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

  function sent(box, found) {
    const octets = message(box.dataset.sent, found);
    const text = decoder.decode(octets.subarray(0, DUMP)).replaceAll("\r\n", "\n");
    fill(box, text.replace(UNSAFE, (sign) => {
      const code = sign.charCodeAt(0).toString(16);
      return code.length < 3 ? `\\x${code.padStart(2, "0")}` : `\\u${code.padStart(4, "0")}`;
    }), octets);
  }

  function dump(box, found) {
    const octets = message(box.dataset.octets, found);
    const lines = [];
    for (let start = 0; start < Math.min(octets.length, DUMP); start += 16) {
      const some = octets.subarray(start, Math.min(start + 16, octets.length));
      const hex = Array.from(some, (octet) => octet.toString(16).padStart(2, "0")).join(" ");
      const text = Array.from(some, (octet) =>
        octet > 31 && octet < 127 ? String.fromCharCode(octet) : ".").join("");
      lines.push(`${start.toString(16).padStart(6, "0")}  ${hex.padEnd(47)}  ${text}`);
    }
    fill(box, lines.join("\n"), octets);
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const box = element("textarea", { class: "skip" });
      box.value = text;
      document.body.append(box);
      box.select();
      document.execCommand("copy");
      box.remove();
    }
    say("Copied.");
  }

  function around(row) {
    const back = element("a", { href: `#${filters() || "instances"}` }, "← All instances");
    const at = listed.indexOf(row), made = element("nav", { class: "around", "aria-label": "Pages" });
    const link = (other, text, name) => other ?
      element("a", { href: `#i=${encodeURIComponent(other.id)}`, "data-go": name }, text) :
      element("span", { class: "muted" }, text);
    const place = at < 0 ? "" : `${at + 1} of ${listed.length}`;
    made.append(back, element("span", {}, link(at > 0 && listed[at - 1], "previous", "k"), " ",
      element("span", { class: "muted" }, place), " ",
      link(at >= 0 && listed[at + 1], "next", "j")));
    return made;
  }

  function focusOn(article, params) {
    for (const row of article.querySelectorAll(".chosen")) row.classList.remove("chosen");
    const anchor = article.id;
    const finding = params.get("f") && $(`${anchor}-f${params.get("f")}`);
    if (finding) {
      finding.scrollIntoView({ block: "center" });
      finding.focus({ preventScroll: true });
      return;
    }
    const message = params.get("m");
    const item = message !== null && $(`${anchor}-m${message}`);
    if (!item) return;
    const box = item.querySelector("details");
    for (const other of article.querySelectorAll(".messages > li > details")) other.open = other === box;
    const link = `#i=${encodeURIComponent(open)}&m=${message}`;
    for (const row of article.querySelectorAll(".ladder a"))
      if (row.getAttribute("href") === link) row.parentNode.classList.add("chosen");
    item.scrollIntoView({ block: "nearest" });
    box.querySelector("summary").focus({ preventScroll: true });
  }

  async function show(id, params) {
    const row = byId.get(id);
    if (open !== id || !page.firstElementChild) {
      const found = row && await record(row);
      clear();
      open = id;
      if (!row) {
        page.append(around(null), element("p", {}, `This report has no page for instance ${id}.`));
      } else {
        page.append(around(row));
        put(found, row);
      }
      turn(true);
      document.title = `${id}: ${title}`;
      scrollTo(0, 0);
      if (row && !params.has("m") && !params.has("f"))
        page.querySelector("article h2").focus({ preventScroll: true });
    }
    if (row) focusOn(page.querySelector("article"), params);
  }

  async function every() {
    clear();
    open = null;
    page.append(around(null));
    const some = listed.slice(0, EVERY);
    for (const row of some) put(await record(row), row);
    turn(true);
    scrollTo(0, 0);
    say(`${some.length} instances`);
  }

  function turn(toPage) {
    overview.hidden = toPage;
    page.hidden = !toPage;
    document.body.classList.toggle("on-page", toPage);
  }

  // --- where the address leads ---

  async function route() {
    const hash = location.hash.slice(1);
    const params = new URLSearchParams(hash.replace(/\+/g, "%2B"));
    if (params.has("i")) return show(params.get("i"), params);
    const back = !page.hidden && open;
    clear();
    open = null;
    turn(false);
    document.title = title;
    if (hash.includes("=")) {
      for (const name of names) form.elements[name].value = params.get(name) ?? "";
      shown = STEP;
      list();
    }
    const target = hash.includes("=") ? $("instances") : hash && $(hash);
    const row = back && document.querySelector(`#list a[href="#i=${CSS.escape(encodeURIComponent(back))}"]`);
    if (row) row.focus();
    else if (target) target.scrollIntoView();
  }

  // Paper has no clicks: what is folded is printed too, but for the messages' many views.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("main:not([hidden]) details.block:not([open])")];
    closed.forEach((box) => { box.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((box) => { box.open = false; }));
  addEventListener("hashchange", route);
  document.addEventListener("keydown", (event) => {
    if (page.hidden || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea")) return;
    if (event.key === "Escape") location.hash = filters() || "instances";
    const link = page.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    if (link) location.hash = link.getAttribute("href");
  });
  form.hidden = false;
  list();
  await route();
  document.documentElement.dataset.ready = "yes";
})();
