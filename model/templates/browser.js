// Lists, filters and searches what the page remarks. All text comes from the JSON beside it and goes in as text only.
"use strict";
(() => {
  const PAGE = 100, PRINTED = 500, PRINTED_ARTICLES = 50;
  const data = JSON.parse(document.getElementById("data").textContent);
  const { kinds, layers, labels, hues, genres, articles, remarks, context: CONTEXT, slack: SLACK, shown: SHOWN } = data;
  const NONE = -1;
  const find = id => document.getElementById(id);
  const number = value => value.toLocaleString("en");
  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

  function make(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // ---- Text under spans -------------------------------------------------------------------------------------------

  const label = code => Math.abs(code) - 1;

  function tags(codes) {
    const ending = new Map();  // label to the layers whose span of that label ends here
    codes.forEach((code, layer) => { if (code > 0) ending.set(label(code), [...(ending.get(label(code)) || []), layer]); });
    return [...ending].map(([one, which]) =>
      (which.length === layers.length ? "" : which.map(layer => layers[layer]).join(", ") + " ") + labels[one]);
  }

  function piece(segment) {
    if (typeof segment === "number") return make("span", "gap", ` … ${number(segment)} characters … `);
    if (typeof segment === "string") return document.createTextNode(segment);
    const [text, ...codes] = segment;
    const mark = make("mark", "span", text);
    codes.forEach((code, layer) => {
      if (!code) return;
      mark.classList.add(`layer-${layer}`);
      mark.style.setProperty(`--hue-${layer}`, hues[label(code)]);
      if (layer) mark.style.setProperty("--hue-found", hues[label(code)]);
    });
    for (const tag of tags(codes)) mark.append(make("small", "", tag));
    return mark;
  }

  const textOf = segment => typeof segment === "string" ? segment : typeof segment === "number" ? " … " : segment[0];
  const withText = (segment, text) => Array.isArray(segment) ? [text, ...segment.slice(1)] : text;
  const whole = text => text.replace(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g, "");
  const tail = (text, length) => whole(text.slice(-length)).replace(/^\S{0,20}\s+/, "");
  const head = (text, length) => whole(text.slice(0, length)).replace(/\s+\S{0,20}$/, "");

  const clipped = text => text.length > 3 * SHOWN ? `${head(text, SHOWN)} … ${tail(text, SHOWN)}` : text;

  // The segments that begin a list, about CONTEXT characters.
  function near(segments, cut) {
    const found = [];
    let room = CONTEXT;
    for (const segment of segments) {
      if (room <= 0) return [...found, " … "];
      const text = textOf(segment);
      if (text.length > room + SLACK) return [...found, withText(segment, cut(text, room)), " … "];
      found.push(segment);
      room -= text.length;
    }
    return found;
  }

  // What stands before segments `first` to `last`, they themselves, and what stands behind.
  function around(segments, first, last) {
    const before = near(segments.slice(Math.max(0, first - CONTEXT), first).reverse(), tail).reverse();
    const inside = segments.slice(first, last + 1).map(segment => withText(segment, clipped(textOf(segment))));
    return [before, inside, near(segments.slice(last + 1, last + 1 + CONTEXT), head)];
  }

  function bounds(marks) {
    const there = marks.filter(mark => mark);
    return [Math.min(...there.map(mark => mark[1])), Math.max(...there.map(mark => mark[2]))];
  }

  function fillWhole(details, article) {
    if (details.querySelector(".text")) return;
    const [, , , , complete, , segments] = articles[article];
    if (!complete) details.append(make("p", "soft", "Only what surrounds the remarks: the page would be too large with all of it."));
    const text = make("div", "text");
    text.append(...segments.map(piece));
    details.append(text);
  }

  function expandable(summary, article, open) {
    const details = make("details");
    details.append(summary);
    details.addEventListener("toggle", () => { if (details.open) fillWhole(details, article); });
    if (open) { details.open = true; fillWhole(details, article); }
    return details;
  }

  // ---- Items of the lists -----------------------------------------------------------------------------------------

  function remarkItem(index) {
    const [article, kind, , seen, , start, end, marks] = remarks[index];
    const [title, id, date, , , , segments] = articles[article];
    const item = make("li", "remark");
    const top = make("p", "top");
    top.append(make("b", "kind", kinds[kind]));
    layers.forEach((name, layer) => {
      const mark = marks[layer];
      const one = make("span", "said");
      one.append(make("span", "soft", name + " "));
      if (mark) {
        const covered = segments.slice(mark[1], mark[2] + 1).map(textOf).join("");
        one.append(make("q", `layer-${layer}`, clipped(covered)), ` ${labels[mark[0]]}`);
        one.lastElementChild.style.setProperty(`--hue-${layer}`, hues[mark[0]]);
        one.lastElementChild.style.setProperty("--hue-found", hues[mark[0]]);
        if (mark[3] !== null) one.append(` ${mark[3].toFixed(3)}`);
      } else one.append("nothing");
      if (mark || data.all_layers) top.append(" ", one);
    });
    const place = make("summary", "place", [title, id === title ? "" : id, date, `characters ${start}–${end}`,
      seen === NONE ? "" : seen ? "seen in training" : "not seen in training"].filter(Boolean).join(" · "));
    const text = make("p", "context");
    const [before, inside, after] = around(segments, ...bounds(marks));
    const focus = make("span", "focus");
    focus.append(...inside.map(piece));
    text.append(...before.map(piece), focus, ...after.map(piece));
    item.append(top, text, expandable(place, article, false));
    return item;
  }

  function articleItem(index, open) {
    const [title, id, date, , , count] = articles[index];
    const summary = make("summary", "", title);
    summary.append(" ", make("span", "soft", [id === title ? "" : id, date, `${number(count)} ${count === 1 ? data.noun[0] : data.noun[1]}`]
      .filter(Boolean).join(" · ")));
    const item = make("li");
    item.append(expandable(summary, index, open));
    return item;
  }

  // A list of which one page is in the document, with buttons for the others.
  function pager(list, controls, item) {
    let order = [], page = 0;
    const before = make("button", "", "Previous"), after = make("button", "", "Next"), where = make("span", "soft");
    before.type = after.type = "button";
    before.dataset.go = "before";
    after.dataset.go = "after";
    controls.replaceChildren(before, where, after);
    function show(size = PAGE, open = false) {
      const pages = Math.max(1, Math.ceil(order.length / size));
      const at = size === PAGE ? page = clamp(page, 0, pages - 1) : 0;
      list.replaceChildren(...order.slice(at * size, (at + 1) * size).map(index => item(index, open)));
      controls.hidden = pages === 1;
      where.textContent = `page ${number(page + 1)} of ${number(pages)}`;
      before.disabled = page === 0;
      after.disabled = page === pages - 1;
    }
    const turn = step => { page += step; show(); list.scrollIntoView({ block: "start" }); list.focus({ preventScroll: true }); };
    before.addEventListener("click", () => turn(-1));
    after.addEventListener("click", () => turn(1));
    return { set(indices) { order = indices; page = 0; show(); }, show, size: () => order.length };
  }

  // ---- Filters ----------------------------------------------------------------------------------------------------

  const form = find("filters"), status = find("count");
  const DEFAULTS = { kind: "", label: "", genre: "", seen: "", low: "0", high: "1", text: "", sort: "high" };
  const fields = Object.fromEntries(Object.keys(DEFAULTS).map(name => [name, form.elements.namedItem(name)]));
  const list = pager(find("remarks"), find("pages"), remarkItem);

  const orders = {};
  function order(name) {
    if (orders[name]) return orders[name];
    const indices = Array.from(remarks.keys());  // by place
    const score = index => remarks[index][4];
    const by = sign => (a, b) => score(a) === null || score(b) === null
      ? (score(a) === null) - (score(b) === null) || a - b : sign * (score(a) - score(b)) || a - b;
    if (name !== "place") indices.sort(by(name === "low" ? 1 : -1));
    return orders[name] = indices;
  }

  const stacks = [];
  function hay(index) {
    if (stacks[index] === undefined) {
      const [article, , , , , , , marks] = remarks[index];
      const [title, id, , , , , segments] = articles[article];
      stacks[index] = [...around(segments, ...bounds(marks)).flat().map(textOf), " ", title, " ", id].join("").replace(/\s+/g, " ").toLowerCase();
    }
    return stacks[index];
  }

  const chosen = name => fields[name].value === "" ? null : Number(fields[name].value);
  function limit(name) {
    const value = Number.parseFloat(fields[name].value);
    return Number.isFinite(value) ? value : Number(DEFAULTS[name]);
  }

  function filter() {
    const kind = chosen("kind"), one = chosen("label"), genre = chosen("genre"), seen = chosen("seen");
    const low = limit("low"), high = limit("high"), narrowed = low > 0 || high < 1;
    const words = fields.text.value.trim().replace(/\s+/g, " ").toLowerCase();
    const found = order(fields.sort.value).filter(index => {
      const [, ofKind, ofGenre, ofSeen, score, , , marks] = remarks[index];
      return (kind === null || ofKind === kind) && (genre === null || ofGenre === genre) && (seen === null || ofSeen === seen)
        && (one === null || marks.some(mark => mark && mark[0] === one))
        && (!narrowed || (score !== null && score >= low && score <= high))
        && (!words || hay(index).includes(words));
    });
    status.textContent = `${number(found.length)} of ${number(remarks.length)} ${remarks.length === 1 ? data.noun[0] : data.noun[1]}`;
    list.set(found);
  }

  // Filters stand in the address by name, so that a link to what is shown can be sent on.
  const NAMES = { kind: kinds, label: labels, genre: genres, seen: ["unseen", "seen"] };
  function write() {
    const kept = new URLSearchParams();
    for (const [name, field] of Object.entries(fields)) {
      if (field.value !== DEFAULTS[name]) kept.set(name, NAMES[name] ? NAMES[name][Number(field.value)] : field.value);
    }
    history.replaceState(null, "", "#" + (kept.size ? kept : "errors"));
  }
  function read() {
    const kept = new URLSearchParams(location.hash.slice(1));
    for (const [name, field] of Object.entries(fields)) {
      const value = kept.get(name);
      field.value = value === null ? DEFAULTS[name] : NAMES[name] ? String(NAMES[name].indexOf(value)) : value;
      if (field.value === "" && (name === "sort" || name === "low" || name === "high")) field.value = DEFAULTS[name];
    }
    filter();
  }

  let waiting;
  const changed = () => { clearTimeout(waiting); write(); filter(); };
  form.addEventListener("input", event => { clearTimeout(waiting); waiting = setTimeout(changed, event.target === fields.text ? 150 : 0); });
  form.addEventListener("submit", event => { event.preventDefault(); changed(); });
  form.addEventListener("reset", event => { event.preventDefault(); for (const name in fields) fields[name].value = DEFAULTS[name]; changed(); });
  addEventListener("hashchange", () => { if (location.hash.includes("=") || location.hash === "") read(); });

  const wholes = pager(find("articles-list"), find("article-pages"), articleItem);
  wholes.set(Array.from(articles.keys()).sort((a, b) => articles[b][5] - articles[a][5] || a - b));

  // On paper all is open, and as many errors and articles are there as anybody would turn pages for.
  const closed = document.querySelectorAll("details.unopened:not([open])");
  addEventListener("beforeprint", () => {
    for (const details of closed) details.open = true;
    list.show(PRINTED);
    if (list.size() > PRINTED) status.dataset.printed = `, of which the first ${number(PRINTED)} follow`;
    if (articles.length <= PRINTED_ARTICLES) {
      find("articles").classList.add("printed");
      wholes.show(PRINTED_ARTICLES, true);
    }
  });
  addEventListener("afterprint", () => {
    for (const details of closed) details.open = false;
    delete status.dataset.printed;
    list.show();
    wholes.show();
  });

  form.hidden = false;
  for (const one of document.querySelectorAll(".unscripted")) one.hidden = true;
  read();
  if (location.hash.includes("=")) find("errors").scrollIntoView();
})();
