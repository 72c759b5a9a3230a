// Makes the page live. Without this file the same page works by plain forms.
//
// Every answer of the server is the whole page; only what differs is redrawn, so that a screen
// reader hears what is new and nothing else. Nothing is kept in the browser's storage.
"use strict";

const TRIES = { first: 2_000, longest: 30_000, timeout: 20_000, slow: 4_000 };
const at = (id) => document.getElementById(id);

// What is said and has not reached us yet, the oldest first. The page shows it as "not sent yet".
const queue = [];
let stream = null;
let latest = null; // the newest version the stream told of
let leaving = false;

document.documentElement.dataset.live = "yes";

// ---------------------------------------------------------------- sending

document.addEventListener("submit", (event) => {
  // A large file may take long: the browser shows how far it is, and loads the page that follows.
  if (event.target.id === "upload") return;
  event.preventDefault();
  const button = event.submitter?.name ? event.submitter : null;
  if (!button) {
    tell([["text", at("text").value.trim()]], at("text").value.trim());
    at("text").value = "";
  } else if (button.value === "/hide") {
    hide();
  } else if (!queue.length) {
    // While something waits, buttons do too: what is answered may bring others.
    tell([[button.name, button.value]], button.textContent, true);
  }
});

function tell(fields, label, pressed = false) {
  if (!label) return;
  queue.push({ fields, label, pressed });
  at("menu")?.removeAttribute("open");
  showWaiting();
  at("waiting").lastElementChild?.scrollIntoView({ block: "nearest" });
  if (queue.length === 1) work();
}

// The words go from the page at once, whatever the connection; then the server forgets them too.
function hide() {
  at("lines").replaceChildren();
  for (const said of queue) said.label = "";
  queue.push({ fields: [["command", "/hide"]], label: "", pressed: true });
  showWaiting();
  if (queue.length === 1) work();
}

async function work() {
  while (queue.length) {
    const page = await deliver(queue[0].fields);
    if (!page.getElementById("log")) {
      giveBack();
      say("failed", told(page));
      return;
    }
    const refused = page.getElementById("notice").textContent.trim() !== "";
    const { pressed } = refused ? {} : queue.shift();
    if (refused) giveBack();
    draw(page);
    showWaiting();
    say(null);
    if (!refused) show(pressed);
  }
  if (latest && latest !== at("log").dataset.version) refresh();
  else listen();
}

// Words that were not taken are words to send again: they return to where they were typed.
function giveBack() {
  const typed = queue.flatMap(({ fields }) => fields).filter(([name]) => name === "text");
  at("text").value = [...typed.map(([, words]) => words), at("text").value].join(" ").trim();
  queue.length = 0;
  showWaiting();
}

// Send until it arrives. The form's "turn" lets the server know a repeat when it sees one.
async function deliver(fields) {
  const { token, turn } = at("composer").elements;
  const body = new URLSearchParams([...fields, ["token", token.value], ["turn", turn.value]]);
  let renewed = false;
  for (let wait = TRIES.first; ; wait = Math.min(wait * 2, TRIES.longest)) {
    say("sending");
    const slow = setTimeout(() => say("slow"), TRIES.slow);
    try {
      const { status, page } = await load({ method: "POST", body });
      const fresh = page.querySelector("#composer [name=token]");
      // The page was open for long, or another tab came first: try once with a fresh token.
      if (status !== 403 || renewed || !fresh) return page;
      body.set("token", fresh.value);
      renewed = true;
    } catch (trouble) {
      clearTimeout(slow);
      say("lost", trouble.told);
      await rest(wait);
    } finally {
      clearTimeout(slow);
    }
  }
}

async function load(options) {
  const answer = await fetch("/", { ...options, signal: AbortSignal.timeout(TRIES.timeout) });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if ([502, 503, 504].includes(answer.status)) {
    throw Object.assign(new Error("try again"), { told: told(page) });
  }
  return { status: answer.status, page };
}

// Why the server did not take the message, where the page says so.
function told(page) {
  const heading = page.querySelector("#problem h1");
  const lines = [...page.querySelectorAll("#problem .hint, #notice p")];
  const words = lines.map((line) => line.textContent).join(" ");
  return heading ? `${heading.textContent}. ${words}` : words;
}

function rest(milliseconds) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    addEventListener("online", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}

// ---------------------------------------------------------------- drawing

function draw(page) {
  const [mine, fresh] = [document.documentElement, page.documentElement];
  if (mine.lang !== fresh.lang) {
    mine.lang = fresh.lang;
    mine.dir = fresh.dir;
    const typed = at("text").value;
    const focused = document.activeElement.id;
    document.body.replaceWith(document.adoptNode(page.body));
    at("text").value = typed;
    at(focused)?.focus({ preventScroll: true });
    offer();
    return;
  }
  for (const field of document.querySelectorAll("form [type=hidden]")) {
    field.value = page.querySelector(`#composer [name=${field.name}]`).value;
  }
  at("hide").hidden = page.getElementById("hide").hidden;
  sync(at("lines"), page.getElementById("lines"));
  swap(at("options"), page.getElementById("options"));
  swap(at("where"), page.getElementById("where"));
  swap(at("files"), page.getElementById("files"));
  swap(at("notice"), page.getElementById("notice"));
  offer();
  const version = page.getElementById("log").dataset.version;
  if (version) at("log").dataset.version = version;
}

function sync(list, fresh) {
  const kept = new Set(Array.from(fresh.children, (line) => line.id));
  for (const line of [...list.children]) if (!kept.has(line.id)) line.remove();
  let last = null;
  for (const line of [...fresh.children]) {
    let mine = at(line.id);
    if (!mine) {
      mine = line;
      if (last) last.after(line);
      else list.prepend(line);
    } else if (mine.outerHTML !== line.outerHTML) {
      mine.replaceWith(line);
      mine = line;
    }
    last = mine;
  }
}

function swap(part, fresh) {
  if (part.innerHTML !== fresh.innerHTML) part.replaceWith(fresh);
}

function show(pressed) {
  const heard = [...document.querySelectorAll("#lines .mine")].at(-1);
  const answer = heard?.nextElementSibling ?? at("lines").lastElementChild;
  (heard ?? answer)?.scrollIntoView({ block: "start" });
  // A pressed button is gone: go on from the answer, so that Tab leads to the new buttons.
  if (pressed) answer?.focus({ preventScroll: true });
}

// ---------------------------------------------------------------- telling

function say(kind, words) {
  at("status").textContent = kind ? words || at("status").dataset[kind] : "";
}

function showWaiting() {
  const shown = queue.filter(({ label }) => label);
  at("waiting").hidden = !shown.length;
  at("waiting").replaceChildren(...shown.map(({ label }) => {
    const words = make("div", "words", make("p", "", label));
    words.dir = "auto";
    return make("li", "line unsent", words, make("p", "time", at("waiting").ariaLabel));
  }));
  for (const button of document.querySelectorAll(".talk button, .commands button")) {
    if (queue.length) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

function make(tag, kind, ...content) {
  const element = document.createElement(tag);
  element.className = kind;
  element.append(...content);
  return element;
}

// ---------------------------------------------------------------- where the reader is

function offer() {
  if (!at("where")) return; // a page that only says what went wrong
  const can = isSecureContext && "geolocation" in navigator;
  at("where").hidden = !can || !at("locate");
}

// About ten metres is near enough to find an area.
function locate() {
  if (queue.length) return;
  say("locating");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      const point = `${coords.latitude.toFixed(4)},${coords.longitude.toFixed(4)}`;
      tell([["point", point]], at("locate")?.textContent, true);
    },
    () => say("nowhere"),
    { timeout: TRIES.timeout, maximumAge: 60_000 },
  );
}

// ---------------------------------------------------------------- live updates

function listen() {
  stream?.close();
  const version = at("log")?.dataset.version;
  if (!version || document.hidden) return;
  const mine = new EventSource(`/events?seen=${version}`);
  stream = mine;
  let trouble = null;
  mine.onopen = () => {
    clearTimeout(trouble);
    if (!queue.length) say(null);
  };
  mine.onmessage = ({ data }) => {
    latest = data;
    if (!queue.length && data !== at("log").dataset.version) refresh();
  };
  mine.onerror = () => {
    clearTimeout(trouble);
    trouble = setTimeout(() => {
      if (stream !== mine || mine.readyState === EventSource.OPEN) return;
      if (!queue.length) say("offline");
      if (mine.readyState === EventSource.CLOSED) refresh();
    }, 3_000);
  };
}

async function refresh() {
  const below = document.documentElement.scrollHeight - innerHeight - scrollY;
  try {
    const { page } = await load({});
    if (queue.length || !page.getElementById("log")) return;
    draw(page);
    if (below < 200) at("composer").parentElement.scrollIntoView({ block: "end" });
    say(null);
    listen();
  } catch {
    say("offline");
    await rest(TRIES.first);
    if (!queue.length) refresh();
  }
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) stream?.close();
  else if (at("log")?.dataset.version) refresh();
});

// ---------------------------------------------------------------- leaving

let shifts = [];

document.addEventListener("keydown", (event) => {
  if (event.repeat) return;
  const now = event.timeStamp;
  shifts = event.key === "Shift" ? [...shifts.filter((then) => now - then < 2_000), now] : [];
  if (shifts.length === 3) leave();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("#locate")) locate();
  if (!event.target.closest("#leave")) return;
  event.preventDefault();
  leave();
});

addEventListener("beforeunload", (event) => {
  if (queue.length && !leaving) event.preventDefault();
});

// Hide at once, tell the server to forget, and take this page's place in the history.
function leave() {
  leaving = true;
  document.documentElement.hidden = true;
  stream?.close();
  fetch("/leave", { keepalive: true, redirect: "manual" }).catch(() => {});
  location.replace(at("leave").dataset.away);
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !at("menu")?.open) return;
  at("menu").open = false;
  at("menu").querySelector("summary").focus();
});

offer();
listen();
