// Preview and markup follow what is chosen. Without JavaScript the button of the form does the same.
const form = document.querySelector("form.builder");
const made = document.getElementById("made");
const status = document.getElementById("builder-status");
let waits, latest = 0;

async function show() {
  const turn = ++latest;
  const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  try {
    const answer = await fetch(`${form.getAttribute("action")}?${asked}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (turn !== latest) return; // somebody has chosen on meanwhile
    const found = page.getElementById("made") || page.getElementById("main");
    if (!found) return;
    made.replaceChildren(...found.childNodes);
    for (const button of made.querySelectorAll("button[data-copy]")) button.hidden = !navigator.clipboard;
    if (!answer.ok) return;
    history.replaceState(null, "", answer.url);
    for (const link of document.querySelectorAll("a.language")) link.href = page.querySelector("a.language").href;
    status.textContent = status.dataset.done;
  } catch { /* the server is away: the button asks again */ }
}

form.addEventListener("input", (event) => {
  clearTimeout(waits);
  status.textContent = "";
  waits = setTimeout(show, event.target.matches("input[type=radio], input[type=checkbox], select") ? 0 : 500);
});
