// Makes each of our frames on this page as high as what is in it.
(() => {
  const ours = new URL(document.currentScript.src).origin;
  const frames = () => [...document.querySelectorAll("iframe")].filter((frame) => frame.src.startsWith(ours + "/embed/"));
  addEventListener("message", (event) => {
    const height = event.data?.callboard === "height" && event.data.height;
    if (event.origin !== ours || !(height > 0)) return;
    for (const frame of frames()) {
      if (frame.contentWindow === event.source) frame.style.height = Math.min(height, 20000) + "px";
    }
  });
  for (const frame of frames()) frame.contentWindow.postMessage({ callboard: "ask" }, "*");
})();
