// Keys, and the lease. Every act is a form or a link of the page: without this file all of it works.
"use strict";
(() => {
  const body = document.body;
  const card = document.getElementById("card");
  const reject = document.getElementById("reject");
  let asked = false;

  const press = (key) => {
    const target = document.querySelector(`[data-key="${key}"]`);
    if (target && !target.disabled) target.click();
    return Boolean(target);
  };

  const ask = (on) => {
    asked = on;
    reject.classList.toggle("asked", on);
    if (on) reject.querySelector("button").focus();
  };

  const zen = () => {
    const on = body.classList.toggle("zen");
    sessionStorage.setItem("desk-zen", on ? "1" : "");
  };

  const act = (event) => {
    const key = event.key;
    if (asked) {
      const choice = /^[1-9]$/.test(key) && reject.querySelector(`[data-digit="${key}"]`);
      if (choice) return choice.click(), true;
      if (key === "Escape") return ask(false), true;
    }
    switch (key) {
      case "j":
        if (press("j")) return true;
        { const start = document.getElementById("start"); if (start) start.click(); return Boolean(start); }
      case "d": if (reject) ask(true); return Boolean(reject);
      case "x": {
        const box = document.getElementById("reveal");
        if (box) box.checked = !box.checked;
        return Boolean(box);
      }
      case "z": if (card) zen(); return Boolean(card);
      case "r": location.assign(`${body.dataset.base}/appeals`); return true;
      case "/": { const box = document.getElementById("q"); if (box) box.focus(); return Boolean(box); }
      case "?": { const box = document.getElementById("keys"); if (box && !box.open) box.showModal(); return Boolean(box); }
      case "k": case "f": case "e": case "h": case "u": return press(key);
    }
    return false;
  };

  document.addEventListener("keydown", (event) => {
    if (!body.dataset.keys || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    const place = event.target;
    if (place.closest("input:not([type=checkbox]):not([type=radio]), select, textarea, dialog")) {
      if (event.key === "Escape") place.blur();
      return;
    }
    if (act(event)) event.preventDefault();
  });

  // One act is sent once, however often its key is pressed.
  let sent = false;
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    if (sent) event.preventDefault();
    sent = true;
  });
  window.addEventListener("pageshow", () => { sent = false; });

  for (const form of document.querySelectorAll("form[data-confirm]")) {
    form.addEventListener("submit", (event) => {
      if (!window.confirm(form.dataset.confirm)) { event.preventDefault(); sent = false; }
    });
  }

  if (card) {
    if (sessionStorage.getItem("desk-zen")) body.classList.add("zen");
    if (card.dataset.held) {
      setInterval(() => {
        if (document.visibilityState !== "visible") return;
        const form = new URLSearchParams({ csrf: card.dataset.csrf });
        fetch(`${body.dataset.base}/item/${card.dataset.item}/renew`, { method: "POST", body: form });
      }, 120000);
    }
  }
})();
