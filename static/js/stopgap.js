// What a browser can add to pages that already work: theme, keys, words that stay true, drafts that survive.

const page = document.documentElement;
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (type, selector, act) =>
  document.addEventListener(type, (event) => {
    const found = event.target.closest?.(selector);
    if (found) act(found, event);
  });
const remembered = (store, key) => { try { return store.getItem(key); } catch { return null; } };
const remember = (store, key, value) => { try { value === null ? store.removeItem(key) : store.setItem(key, value); } catch { /* private mode */ } };

page.classList.add("js");

// Theme: the server reads the cookie, so the next page comes in the right colours.
on("click", "[data-theme-choice]", (button) => {
  const theme = button.dataset.themeChoice;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${theme}; path=/; max-age=${theme ? 31536000 : 0}; samesite=lax${secure}`;
  theme ? page.setAttribute("data-theme", theme) : page.removeAttribute("data-theme");
  all("[data-theme-choice]").forEach((other) => other.setAttribute("aria-pressed", other === button));
});

// Menus close when attention moves on.
document.addEventListener("click", (event) => all("details.drop[open]").forEach((menu) => menu.contains(event.target) || (menu.open = false)));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.activeElement?.closest("details.drop[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});
// A fold that somebody opens to write in it takes the focus.
document.addEventListener("toggle", ({ target }) => {
  if (target.matches("details.deed[open]") && document.activeElement === target.firstElementChild)
    target.querySelector("textarea, select, input:not([type=hidden])")?.focus();
}, true);
on("click", "[data-dismiss]", (button) => button.closest(".callout").remove());
on("click", "[data-open]", (button) => document.getElementById(button.dataset.open)?.showModal());
on("click", "[aria-disabled=true]", (_, event) => event.preventDefault());

// Keys. Each element names its own: "/", "n", "g q". They can be switched off (WCAG 2.1.4).
let leader = "";
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog[open]") || remembered(localStorage, "keys") === "off") return;
  if (event.key === "?") return document.getElementById("keys")?.showModal();
  if ((event.key === "j" || event.key === "k") && !leader) return step(event.key === "j" ? 1 : -1);
  const pressed = leader + event.key;
  leader = event.key === "g" && !leader ? "g " : "";
  const target = all("[data-key]").find((element) => element.dataset.key === pressed && element.checkVisibility());
  if (!target) return;
  event.preventDefault();
  if (!target.matches("input")) return target.click();
  target.focus();
  target.select();
});
function step(by) {
  const rows = all("[data-rows] tbody :is(.title, .row-link), [data-rows] > li :is(.title, .row-link)");
  const here = rows.findIndex((row) => row.closest("tr, li").contains(document.activeElement));
  rows[here < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, here + by))]?.focus();
}
const keysOn = document.querySelector("[data-keys-on]");
if (keysOn) {
  keysOn.checked = remembered(localStorage, "keys") !== "off";
  keysOn.addEventListener("change", () => remember(localStorage, "keys", keysOn.checked ? null : "off"));
}

// Relative times, in the server's time: the same units and rounding as portal/words.py.
const drift = Date.parse(document.body.dataset.at) - Date.now() || 0;
const speak = new Intl.RelativeTimeFormat(page.lang || "en");
const units = [["month", 2592000, 8640000], ["day", 86400, 86400], ["hour", 3600, 3600], ["minute", 60, 60]];
function rounded(seconds) { // what lacks next to nothing counts as whole
  const day = 86400 - (seconds % 86400), hour = 3600 - (seconds % 3600);
  if (seconds > 86400 && day < 3600) return seconds + day;
  return seconds > 3600 && hour < 60 ? seconds + hour : seconds;
}
function refreshTimes() {
  for (const time of all("time[data-relative]")) {
    const away = (Date.parse(time.dateTime) - Date.now() - drift) / 1000;
    const seconds = rounded(Math.trunc(Math.abs(away)));
    if (seconds >= 63072000) continue; // years and months, as the server told them, outlast the page
    const unit = units.find(([, , from]) => seconds >= from);
    if (unit) time.textContent = speak.format(Math.sign(away) * Math.trunc(seconds / unit[1]), unit[0]);
  }
}
setInterval(refreshTimes, 60000);

// Copy.
on("click", "[data-copy]", async (button) => {
  await navigator.clipboard.writeText(button.dataset.copy);
  say(button.dataset.copied || "Copied");
});
function say(words) {
  const toasts = document.querySelector(".toasts");
  if (!toasts) return;
  const toast = document.createElement("p");
  toast.className = "callout tone-grey";
  toast.textContent = words;
  toasts.append(toast);
  setTimeout(() => toast.remove(), 4000);
}

// Text areas grow; most browsers do it in CSS.
if (!CSS.supports("field-sizing", "content"))
  on("input", "textarea", (area) => { area.rows = Math.max(3, area.value.split("\n").length + 1); });

// Rows of a formset, as the server would add or strike them out.
on("click", "[data-add]", (button, event) => {
  event.preventDefault();
  addRow(button.closest("[data-formset]"))?.querySelector("input:not([type=hidden], [hidden]), select, textarea")?.focus();
});
on("click", "[data-remove]", (button, event) => {
  event.preventDefault();
  const row = button.closest("[data-formset-row]");
  const next = row.parentElement.querySelector("[data-add]");
  row.querySelector("[name$=-DELETE]").checked = true;
  row.hidden = true;
  row.dispatchEvent(new Event("input", { bubbles: true }));
  next.focus();
});
// The fields of a safeguard's kind, as the server would show them.
function showKind(select) {
  for (const part of select.closest("[data-formset-row]")?.querySelectorAll("[data-kind]") ?? [])
    part.hidden = part.dataset.kind !== select.value;
}
on("change", "select[name$=-kind]", showKind);
function addRow(set) {
  const total = set.querySelector(`[name="${set.dataset.formset}-TOTAL_FORMS"]`);
  const template = set.querySelector("template[data-row]");
  const holder = document.createElement("template");
  holder.innerHTML = template.innerHTML.replaceAll("__prefix__", total.value);
  total.value = Number(total.value) + 1;
  const row = holder.content.firstElementChild;
  row.querySelectorAll("[data-number]").forEach((number) => (number.textContent = total.value));
  template.before(row);
  row.dispatchEvent(new Event("input", { bubbles: true }));
  return row;
}

// form[data-autosave] saves itself some seconds after the last word; the answer says where the draft is now.
function autosave(form) {
  const say = (words) => { form.querySelector("[data-autosaved]").textContent = words; };
  let waiting, saving;
  const save = async () => {
    const body = new FormData(form);
    body.delete("upload");
    body.set("act", "autosave");
    const before = location.pathname;
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" }, redirect: "error" });
      const draft = await answer.json();
      say(draft.said || "");
      if (!answer.ok || !draft.url) return;
      form.elements.version.value = draft.version;
      if (draft.url === before) return;
      remember(sessionStorage, keyOf(form), null);
      form.action = draft.url;
      history.replaceState(null, "", draft.url);
    } catch { say(""); } // signed out or no network: the text stays here, as before
  };
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { saving = save().finally(() => { saving = null; }); }, 8000);
  };
  form.addEventListener("input", later);
  form.addEventListener("htmx:afterSwap", later); // one press wrote into it
  form.addEventListener("submit", (event) => {
    clearTimeout(waiting);
    if (!saving) return;
    event.preventDefault();
    saving.then(() => form.requestSubmit(event.submitter));
  });
}

// Drafts: what was typed into form[data-draft] is kept in this tab, for this person, until the server has taken it.
// A form answered with its own values carries data-bound. Pages that keep (sign-in, errors) carry body[data-drafts=keep].
const person = document.body.dataset.person;
const keeps = document.body.dataset.drafts === "keep";
const keyOf = (form) => `draft:${person}:${location.pathname}:${form.dataset.draft}`;
const drafts = () => { try { return Object.keys(sessionStorage).filter((key) => key.startsWith("draft:")); } catch { return []; } };
const fieldsOf = (form) =>
  [...form.elements].filter((field) => field.name && !["password", "file", "submit", "button"].includes(field.type) && (field.type !== "hidden" || field.name.endsWith("-TOTAL_FORMS")));

function valuesOf(form) {
  return fieldsOf(form).map((field) => [field.name, field.value, /checkbox|radio/.test(field.type) ? field.checked : null, field.multiple ? [...field.selectedOptions].map((option) => option.value) : null]);
}
function putBack(form, values) {
  for (const [name, value] of values.filter(([name]) => name.endsWith("-TOTAL_FORMS"))) {
    const set = form.querySelector(`[data-formset="${name.slice(0, -"-TOTAL_FORMS".length)}"]`);
    while (set && Number(form.elements[name].value) < Number(value)) addRow(set);
  }
  for (const [name, value, checked, chosen] of values) {
    if (name.endsWith("-TOTAL_FORMS")) continue;
    for (const field of fieldsOf(form).filter((field) => field.name === name)) {
      if (chosen) [...field.options].forEach((option) => (option.selected = chosen.includes(option.value)));
      else if (checked === null) field.value = value;
      else if (field.value === value) field.checked = checked;
    }
  }
  for (const box of form.querySelectorAll("[data-formset-row] [name$=-DELETE]")) box.closest("[data-formset-row]").hidden = box.checked;
  form.querySelectorAll("select[name$=-kind]").forEach(showKind);
}
for (const key of drafts()) {
  const draft = JSON.parse(remembered(sessionStorage, key));
  if (!draft.sent) continue;
  const answered = all("form[data-draft][data-bound]").some((form) => keyOf(form) === key);
  remember(sessionStorage, key, keeps || answered ? JSON.stringify({ ...draft, sent: false }) : null);
}
function keepDraft(form) {
  const draft = JSON.parse(remembered(sessionStorage, keyOf(form)));
  const blank = JSON.stringify(valuesOf(form));
  if (draft && "bound" in form.dataset === false && JSON.stringify(draft.values) !== blank) {
    putBack(form, draft.values);
    const notice = form.querySelector("[data-draft-notice]");
    if (notice) notice.hidden = false;
    const fold = form.closest("details");
    if (fold) fold.open = true;
    if (form.closest("aside")) form.scrollIntoView(); // it scrolls by itself, and the text is at its end
  }
  let waiting;
  const keep = (sent) => { clearTimeout(waiting); remember(sessionStorage, keyOf(form), JSON.stringify({ sent, values: valuesOf(form) })); };
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(keep, 300, false); });
  form.addEventListener("submit", () => keep(true));
  form.querySelector("[data-draft-discard]")?.addEventListener("click", () => { remember(sessionStorage, keyOf(form), null); location.reload(); });
}
all("form[data-draft]").forEach(keepDraft);
all("form[data-autosave]").forEach(autosave);
document.addEventListener("page:grown", (event) => all("form[data-draft]", event.target).forEach(keepDraft)); // a part fetched later
on("submit", "[data-sign-out]", () => drafts().forEach((key) => remember(sessionStorage, key, null)));

// A filter that says nothing is left out of the address.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("form.filters[method=get]")) return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});

document.querySelector("[data-focus]")?.focus();
// A link to a field that a short form leaves out brings all fields back.
on("click", 'a[href^="#"]', (link) => {
  const short = document.querySelector("[name=short]:checked");
  if (short && document.querySelector(link.getAttribute("href"))?.closest(".told")) short.checked = false;
});
// A pasted error message is read at once; what was typed waits for the button.
on("paste", "[name=refusal]", (box) => setTimeout(() => box.closest("details").querySelector("button[name=fill]")?.click()));
// After a press the writer goes on where they were: at the next empty field of that section, the page where it is.
let pressedIn = "";
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt } = event.detail;
  if (elt.name === "fill") pressedIn = elt.closest(".form-section")?.id ?? "";
});
document.addEventListener("htmx:afterSettle", (event) => {
  const told = document.querySelector("#filled:not([data-told])");
  if (told) {
    told.dataset.told = "";
    told.focus({ preventScroll: true });
    const { top, bottom } = told.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) told.scrollIntoView({ block: "center" });
    return;
  }
  if (event.detail.requestConfig?.elt?.name !== "fill") return;
  const said = document.querySelector("#said .callout");
  const fields = pressedIn ? all(`#${pressedIn} :is(input, select, textarea):not([type=hidden], [type=checkbox], [type=radio])`) : [];
  const seen = fields.filter((field) => field.offsetParent);
  const next = seen.find((field) => !field.value) ?? seen.at(-1) ?? said;
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
});
refreshTimes();

// How many rows are marked, beside what can be done with them; a browser may bring marks back with the page.
const marked = document.querySelector("[data-marked]");
if (marked) {
  const count = () => {
    const number = all(".mark :checked").length;
    marked.textContent = number ? marked.dataset.marked.replace("%n", number) : "";
  };
  document.addEventListener("change", count);
  addEventListener("pageshow", count);
}

// Keys of rows that can be marked, in the register and the queue: x marks the row in focus, o opens it. Without them checkboxes and links do the same.
if (document.querySelector("[data-rows] input[name=case]")) {
  const row = () => document.activeElement?.closest?.("[data-rows] tbody tr");
  const acts = {
    x: (at) => at.querySelector("input[name=case]")?.click(),
    o: (at) => at.querySelector(".title")?.click(),
  };
  let isLed = false; // after g a letter leads elsewhere

  document.addEventListener("keydown", (event) => {
    const leads = isLed;
    isLed = event.key === "g" && !leads;
    if (leads || event.ctrlKey || event.metaKey || event.altKey || !(event.key in acts)) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog[open]")) return;
    if (document.querySelector("[data-keys-on]")?.checked === false) return;
    const here = row();
    if (!here) return;
    event.preventDefault();
    acts[event.key](here);
  });
}
