// The employee's page answers at once: a changed setting is asked for without leaving the page, and the best path takes the
// place of its draft. Without this script the same is done by the form's button and by links.
"use strict";
(() => {
  const PARTS = ["stand", "reset", "keep", "required", "next", "path", "gap"];
  const OF_A_PATH = ["stand", "path", "gap"];
  const EMPTY_COUNTS = ["hours_per_week", "budget"];
  const SETTLED = 250;
  let asking = null;
  let timer = 0;

  // The service answered, but with no page to take parts from: the visit ended, say.
  class Refused extends Error {}

  const part = (id, where = document) => where.getElementById(id);
  const form = () => part("settings");

  function announce(text) {
    const place = part("said");
    place.textContent = "";
    setTimeout(() => { place.textContent = text; }, 50);
  }

  // Says to everybody, not only to who listens, that nothing came.
  function fail(place) {
    place.className = "note problem";
    announce(place.dataset.failed);
    place.scrollIntoView({ block: "nearest" });
  }

  async function fetched(address, signal) {
    const answer = await fetch(address, { signal, credentials: "same-origin", headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) throw new Refused(String(answer.status));
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  }

  // What tells one fold from another: its own words and what it is about.
  const fold = (one) => {
    const title = one.closest("li") && one.closest("li").querySelector("h3");
    return `${title ? title.textContent : ""} ${one.querySelector("summary").textContent}`;
  };

  // Takes over parts of a page that was fetched. What was unfolded stays so, and the focus where it was.
  function take(page, ids) {
    for (const id of ids) {
      const old = part(id);
      const fresh = part(id, page);
      if (!old || !fresh) continue;
      const unfolded = new Set([...old.querySelectorAll("details[open]")].map(fold));
      const focused = old.contains(document.activeElement) ? document.activeElement : null;
      const place = focused ? [...old.querySelectorAll("a, button, summary")].indexOf(focused) : -1;
      old.replaceWith(document.adoptNode(fresh));
      for (const one of fresh.querySelectorAll("details")) one.open = unfolded.has(fold(one));
      if (place >= 0) {
        const next = fresh.querySelectorAll("a, button, summary")[place] || part("main");
        next.focus({ preventScroll: true });
      }
    }
  }

  // Takes over what is said beside the fields, and leaves the fields themselves to who types in them. Returns the first error.
  function takeErrors(page) {
    let first = null;
    for (const control of form().elements) {
      if (!control.id) continue;
      const fresh = part(control.id, page);
      for (const name of ["aria-invalid", "aria-describedby"]) {
        if (fresh && fresh.hasAttribute(name)) control.setAttribute(name, fresh.getAttribute(name));
        else control.removeAttribute(name);
      }
      const old = part(`${control.id}-error`);
      if (old) old.remove();
      const error = part(`${control.id}-error`, page);
      if (!error) continue;
      first = first || error;
      (control.closest(".field") || control.parentElement).append(document.adoptNode(error));
    }
    return first;
  }

  const standing = () => (part("covered") || part("stand-title")).textContent;

  // Puts the best path in the place of its draft, and returns what to say of it; "" where there is no draft.
  async function best(signal) {
    const draft = part("path");
    const address = draft && draft.dataset.best;
    if (!address) return "";
    try {
      take(await fetched(address, signal), OF_A_PATH);
      return `${draft.dataset.done} ${standing()}`;
    } catch (error) {
      if (error.name === "AbortError") throw error;
      return ""; // The draft stands, with its link.
    }
  }

  async function ask() {
    if (asking) asking.abort();
    const own = asking = new AbortController();
    const place = part("said");
    const values = [...new FormData(form())].filter(([name, value]) => value !== "" || EMPTY_COUNTS.includes(name));
    const address = `/me?${new URLSearchParams(values)}`;
    place.className = "visually-hidden";
    announce(place.dataset.waits);
    form().setAttribute("aria-busy", "true");
    try {
      const page = await fetched(address, own.signal);
      take(page, PARTS);
      const wrong = takeErrors(page);
      history.replaceState(null, "", address);
      if (wrong) announce(wrong.textContent);
      const said = await best(own.signal);
      if (!wrong) announce(said || standing());
    } catch (error) {
      if (error.name === "AbortError") return;
      if (error instanceof Refused) location.assign(address); // What is wrong is said by the service's own page.
      else fail(place);
    } finally {
      if (asking === own) form().removeAttribute("aria-busy");
    }
  }

  function start() {
    if (!form()) return;
    for (const control of form().elements) if (control.type === "submit") control.hidden = true;
    document.addEventListener("change", (event) => {
      if (event.target.form !== form()) return;
      clearTimeout(timer);
      timer = setTimeout(ask, SETTLED);
    });
    form().addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(timer);
      ask();
    });
    asking = new AbortController();
    best(asking.signal).then((said) => { if (said) announce(said); }, () => {});
  }

  start();
})();
