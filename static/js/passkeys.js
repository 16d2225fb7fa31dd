// Passkeys: asks the browser for one when a form marked data-passkey is sent, and puts its answer into the form.
// Where that fails the form says why; every such page offers another way.

const ceremonies = {
  create: (options) => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
  get: (options) => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
};

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-passkey]")) return;
  event.preventDefault();
  const said = form.querySelector("[data-said]");
  said.hidden = true;
  try {
    const credential = await ceremonies[form.dataset.passkey](await challenge(form));
    form.elements.credential.value = JSON.stringify(credential.toJSON());
    form.submit();
  } catch (error) {
    said.querySelector("[data-why]").textContent = said.dataset[reason(error)];
    said.hidden = false;
  }
});

// The server's challenge stands in the page, except before signing in: there it is fetched when wanted.
async function challenge(form) {
  const given = document.getElementById(form.dataset.options);
  if (given) return wanted(form, JSON.parse(given.textContent).creation_options ?? JSON.parse(given.textContent).request_options);
  const answer = await fetch(form.action, { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } });
  if (!answer.ok) throw new Error(answer.statusText);
  return (await answer.json()).request_options.publicKey;
}

// A passkey that is to sign in alone must know whose it is.
function wanted(form, { publicKey }) {
  const alone = form.elements.passwordless?.checked;
  if (alone) Object.assign(publicKey.authenticatorSelection, { residentKey: "required", requireResidentKey: true });
  return publicKey;
}

function reason(error) {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) return "old";
  return { NotAllowedError: "cancelled", InvalidStateError: "known" }[error.name] ?? "failed";
}
