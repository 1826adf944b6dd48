// Exchanges the token of a link, or one that was typed, for a session. A link has its token behind the "#": browsers send
// that part to nobody. This page also stands where another one was asked for, which is then loaded again.
const form = document.querySelector("form");
const field = document.getElementById("token");
const reason = document.getElementById("reason");
const button = form.querySelector("button");

async function signIn(token) {
  button.disabled = true;
  reason.textContent = "";
  try {
    const answer = await fetch("/login", {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams({ token }),
    });
    if (answer.ok) {
      location.replace(location.pathname === "/login" ? "/" : location.pathname + location.search);
      return;
    }
    reason.textContent = (await answer.json()).error;
  } catch {
    reason.textContent = "The server does not answer. Check that it is running, then try again.";
  }
  button.disabled = false;
  field.focus();
  field.select();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  signIn(field.value);
});

function followLink() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null) return;
  // It stays neither in the address bar nor in the history.
  history.replaceState(null, "", location.pathname + location.search);
  signIn(token);
}

addEventListener("hashchange", followLink);
followLink();
