// Copy buttons. Everything else works without JavaScript; without it these stay hidden.
for (const button of document.querySelectorAll("button[data-copy]")) button.hidden = !navigator.clipboard;
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button || button.textContent === button.dataset.done) return;
  const before = button.textContent;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
  button.textContent = button.dataset.done;
  setTimeout(() => { button.textContent = before; }, 2000);
});

// Lists that look every two seconds whether there is something new. Unchanged, the answer is a 304.
for (const list of document.querySelectorAll("[data-follow]")) {
  let before = "";
  setInterval(async () => {
    if (document.hidden || list.contains(document.activeElement)) return;
    try {
      const answer = await fetch(location.href, { cache: "no-cache" });
      const text = answer.ok ? await answer.text() : before;
      if (text === before) return;
      before = text;
      list.innerHTML = new DOMParser().parseFromString(text, "text/html").getElementById(list.id).innerHTML;
    } catch { /* the server is away: the next look may find it */ }
  }, 2000);
}
