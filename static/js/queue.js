// The queue's panel without leaving the list, and the focus where the next key belongs. Without it links do the same.

const panel = document.getElementById("panel");
const rows = () => [...document.querySelectorAll("[data-open-row]")];
const isPlain = (event) => event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);

async function open(link, then) {
  const answer = await fetch(link.href, { headers: { "X-Partial": "panel" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return location.assign(link.href);
  panel.innerHTML = await answer.text();
  panel.scrollTop = 0;
  panel.dispatchEvent(new Event("page:grown", { bubbles: true }));
  for (const row of rows()) {
    row === link ? row.setAttribute("aria-current", "true") : row.removeAttribute("aria-current");
    row.closest("tr").classList.toggle("selected", row === link);
  }
  history.replaceState(null, "", link.href);
  link.focus();
  if (getComputedStyle(panel).position === "static") panel.scrollIntoView();
  if (then) answerWith(then);
}

// Focus goes into the answer that a key chose: a approves, n approves less, q asks, r rejects.
const places = { a: "#approval-statement", n: "#approval-term_days", q: "#changes-reason", r: "#rejection-preset" };
function answerWith(key) {
  const place = panel.querySelector(places[key]);
  if (!place) return;
  const folded = place.closest("details");
  if (folded) folded.open = true;
  place.focus();
  if (place.type === "number") place.select();
  place.form.scrollIntoView({ block: "nearest" }); // its button too
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-open-row]");
  if (link && isPlain(event)) { event.preventDefault(); return open(link); }
  const chosen = event.target.closest("[data-answer]");
  if (chosen && isPlain(event)) { event.preventDefault(); return answerWith(chosen.dataset.answer); }
  const close = event.target.closest("[data-close-panel]");
  if (!close || !isPlain(event)) return;
  event.preventDefault();
  const row = panel && rows().find((one) => one.hasAttribute("aria-current"));
  panel.replaceChildren();
  row?.removeAttribute("aria-current");
  row?.closest("tr").classList.remove("selected");
  history.replaceState(null, "", location.pathname);
  row?.focus();
});

let isLed = false; // after g a letter leads elsewhere

// Before the keys every page has: here a letter acts on the row in focus, opening it first.
document.addEventListener("keydown", (event) => {
  const leads = isLed;
  isLed = event.key === "g" && !leads;
  if (leads || event.ctrlKey || event.metaKey || event.altKey || !(event.key in places)) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
  if (document.querySelector("[data-keys-on]")?.checked === false) return;
  const link = document.activeElement.closest?.("tr")?.querySelector("[data-open-row]");
  if (link && !link.hasAttribute("aria-current")) { event.preventDefault(); return open(link, event.key); }
  if (!panel?.firstElementChild) return;
  event.preventDefault(); // n does not leave an open request, even one that cannot be answered so
  answerWith(event.key);
}, true);

// Where a whole page came with its panel open, the keys go on from its row, though the address leads to the panel.
function toOpenRow() {
  if ([document.body, panel].includes(document.activeElement)) rows().find((one) => one.hasAttribute("aria-current"))?.focus({ preventScroll: true });
}
toOpenRow();
addEventListener("load", toOpenRow); // by then the browser has followed the address
