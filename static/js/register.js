// The register's own keys: x marks the row in focus, o opens it. Without it checkboxes and links do the same.

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
