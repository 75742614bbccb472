"use strict";

// What marks say: by pointer, by touch, and by the arrow keys while a drawing has the focus. Without this script the
// drawings keep their <title>s, which browsers show by themselves.
const tip = document.getElementById("tip");
let lit = null;

function hide() {
  if (lit) lit.classList.remove("lit");
  lit = null;
  tip.hidden = true;
}

function show(mark) {
  if (lit === mark.shape) return;
  hide();
  lit = mark.shape;
  lit.classList.add("lit");
  tip.textContent = mark.text;
  tip.hidden = false;
  const at = lit.getBoundingClientRect();
  const { width, height } = tip.getBoundingClientRect();
  const left = Math.min(Math.max(at.left + at.width / 2 - width / 2, 6), innerWidth - width - 6);
  const above = at.top - height - 10;
  tip.style.left = `${left}px`;
  tip.style.top = `${above > 6 ? above : Math.min(at.bottom + 10, innerHeight - height - 6)}px`;
}

// The mark under the pointer or the one nearest to it; what is small goes before what is large.
function nearest(marks, x, y, reach) {
  let best = null;
  let least = reach;
  for (const mark of marks) {
    const at = mark.shape.getBoundingClientRect();
    const dx = Math.max(at.left - x, x - at.right, 0);
    const dy = Math.max(at.top - y, y - at.bottom, 0);
    const score = Math.hypot(dx, dy) + Math.min(Math.max(at.width, at.height), 200) / 20;
    if (score <= least) [best, least] = [mark, score];
  }
  return best;
}

for (const svg of document.querySelectorAll(".drawing svg")) {
  const marks = [...svg.querySelectorAll("title")].map((title) => {
    const mark = { shape: title.parentNode, text: title.textContent };
    title.remove();
    return mark;
  });
  if (!marks.length) continue;
  let at = -1;
  svg.setAttribute("tabindex", "0");
  svg.setAttribute("aria-label", `${svg.getAttribute("aria-label")}. ${marks.length} values: the arrow keys go through them.`);
  const point = (event) => {
    const mark = nearest(marks, event.clientX, event.clientY, event.pointerType === "touch" ? 24 : 12);
    if (mark) {
      at = marks.indexOf(mark);
      show(mark);
    } else hide();
  };
  svg.addEventListener("pointermove", (event) => event.pointerType !== "touch" && point(event));
  svg.addEventListener("pointerdown", point);
  svg.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && hide());
  svg.addEventListener("blur", hide);
  svg.addEventListener("keydown", (event) => {
    const last = marks.length - 1;
    const to = {
      ArrowRight: Math.min(at + 1, last), ArrowDown: Math.min(at + 1, last), ArrowLeft: Math.max(at - 1, 0),
      ArrowUp: Math.max(at - 1, 0), Home: 0, End: last,
    }[event.key];
    if (event.key === "Escape") hide();
    if (to === undefined) return;
    event.preventDefault();
    at = to;
    marks[at].shape.scrollIntoView({ block: "nearest", inline: "nearest" });
    show(marks[at]);
  });
}
addEventListener("scroll", hide, { passive: true });
addEventListener("pointerdown", (event) => event.target.closest(".drawing") || hide());

// The worked example: the prefix grows by a step at a time. Without this script all steps are there.
const stepper = document.getElementById("stepper");
if (stepper) {
  const steps = [...stepper.querySelectorAll(".step")];
  const pair = stepper.querySelector(".pair");
  const pit = steps.findIndex((step) => step.classList.contains("pit"));
  const buttons = [...stepper.querySelectorAll("button")];
  let now = 0;
  const go = (to) => {
    now = Math.min(Math.max(to, 0), steps.length - 1);
    steps.forEach((step, index) => {
      step.classList.toggle("now", index === now);
      step.classList.toggle("later", index > now);
    });
    if (pair) pair.classList.toggle("later", now < pit);
    stepper.querySelector("output").textContent = steps[now].dataset.says;
    for (const button of buttons) {
      button.disabled = /first|back/.test(button.dataset.go) ? now === 0 : now === steps.length - 1;
    }
  };
  const moves = { first: () => 0, back: () => now - 1, next: () => now + 1, last: () => steps.length - 1 };
  for (const button of buttons) button.addEventListener("click", () => go(moves[button.dataset.go]()));
  stepper.addEventListener("keydown", (event) => {
    const move = { ArrowRight: moves.next, ArrowLeft: moves.back, Home: moves.first, End: moves.last }[event.key];
    if (!move || event.target.closest(".wide")) return;
    event.preventDefault();
    go(move());
  });
  stepper.querySelector(".controls").hidden = false;
  go(0);
}
