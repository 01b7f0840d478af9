// <callboard-events>: a slice of the schedule on anybody's page (docs/partners.md, "The script embed").
// No framework, no cookie, no storage, nobody else asked, nothing that a strict Content-Security-Policy refuses.
// A module; included as a plain script it works too. What the host page may have bent (Array.prototype, Node) is
// avoided: only the oldest ways of the DOM are used. Where a browser lacks something, the links in the tag stay.
(() => {
  "use strict";

  const NAME = "callboard-events";
  const FILTERS = [
    "audience", "campaign", "cancelled", "event", "has_seats", "kind", "language", "online", "organization", "programme",
    "q", "room", "series", "speaker", "starts_after", "starts_before", "status", "topic", "updated_since", "venue", "when",
    "ordering",
  ];
  const LOOKS = ["heading", "limit", "theme", "view"];
  const NOT_ASKED = new Set([...LOOKS, "lang", "page", "cursor", "return"]);
  const PATH = /^\/(?:(ko|en)\/|calendars\/)?(?:(campaign|event|organization|programme|speaker|venue)s\/([\w-]+))?/;
  const OWN = document.currentScript || document.querySelector('script[src*="/embed/v1.js"]');
  const LEAST_SECONDS = 30, USUAL_SECONDS = 60, MOST_SECONDS = 900, PATIENCE_MS = 10000;

  // Words ---------------------------------------------------------------------------------------------------------
  const WORDS = {
    en: {
      locale: "en-GB", date: "Date to be announced", allDay: "All day", online: "Online", until: (day) => `until ${day}`,
      more: (n) => (n === 1 ? "and one more session" : `and ${n} more sessions`), tentative: "Not certain yet",
      sessionOff: "This session is cancelled", cancelled: "Cancelled", none: "No registration here",
      opens: (time) => `Registration opens ${time}`, closed: "Registration closed", approval: "By application",
      unlimited: "No limit on seats", left: (n) => (n === 1 ? "1 seat left" : `${n} seats left`),
      of: (n, all) => `${n} of ${all} seats left`, full: "Full", waits: "Full: join the waitlist",
      waiting: (n) => `Full – waitlist: ${n === 1 ? "1 person" : `${n} people`}`, code: "Invitation only",
      register: "Register", apply: "Apply", wait: "Join the waitlist", tab: "(opens in a new tab)",
      empty: "There are no events here at the moment.", all: "All events", calendar: "Subscribe in a calendar program",
      file: "Calendar address (.ics)", label: "Events", failed: "The current list could not be loaded.",
      since: (time) => `Not up to date since ${time}`,
      kinds: {
        workshop: "Workshop", masterclass: "Masterclass", talk: "Talk", course: "Course", cohort: "Cohort", other: "Other",
      },
    },
    ko: {
      locale: "ko-KR", date: "날짜 미정", allDay: "종일", online: "온라인", until: (day) => `${day}까지`,
      more: (n) => `외 ${n}회`, tentative: "미확정", sessionOff: "취소된 회차", cancelled: "취소됨", none: "신청 받지 않음",
      opens: (time) => `접수 시작: ${time}`, closed: "접수 마감", approval: "심사 후 선정", unlimited: "정원 제한 없음",
      left: (n) => `${n}석 남음`, of: (n, all) => `${all}석 중 ${n}석 남음`, full: "마감", waits: "마감: 대기 신청 가능",
      waiting: (n) => `마감 – 대기 ${n}명`, code: "초대받은 분만 신청 가능", register: "신청하기", apply: "참가 신청하기",
      wait: "대기 신청하기", tab: "(새 창)", empty: "현재 표시할 행사가 없습니다.", all: "전체 일정",
      calendar: "캘린더 앱에서 구독", file: "캘린더 주소(.ics)", label: "행사 일정", failed: "최신 일정을 불러오지 못했습니다.",
      since: (time) => `${time} 이후 갱신되지 않았습니다`,
      kinds: { workshop: "워크숍", masterclass: "마스터클래스", talk: "강연", course: "강좌", cohort: "기수 과정", other: "기타" },
    },
  };

  // Looks ---------------------------------------------------------------------------------------------------------
  // Important rules in a shadow root win over important rules of the host page. Text has the colour of the page around
  // it, so that its contrast is the page's; nothing moves, so nobody need ask for less motion.
  const STYLE = `
:host {
  display: block !important; box-sizing: border-box; inline-size: 100%; max-inline-size: 100%;
  min-inline-size: min(100%, 15em) !important; /* floated, or in a row: what is inside gives it no width */
}
:host([hidden]), [hidden] { display: none !important; }
.root {
  all: initial; display: block; box-sizing: border-box; container-type: inline-size; direction: ltr; user-select: text;
  position: relative; /* what is unseen stays inside of a box of the host page that scrolls */
  color-scheme: inherit; color: var(--callboard-ink, inherit); background: var(--callboard-ground, transparent);
  font-family: var(--callboard-font, inherit); font-size: inherit; line-height: 1.5; overflow-wrap: anywhere;
  --accent: var(--callboard-accent, color-mix(in srgb, light-dark(#8f2424, #f2a093) 70%, currentColor));
  --soft: var(--callboard-soft, currentColor);
  --line: var(--callboard-line, color-mix(in srgb, currentColor 28%, transparent));
  --good: var(--callboard-good, color-mix(in srgb, light-dark(#1f6139, #97d3a8) 70%, currentColor));
  --warn: var(--callboard-warn, color-mix(in srgb, light-dark(#7a4b00, #f0c987) 70%, currentColor));
  --gap: var(--callboard-gap, 1em);
  --round: var(--callboard-radius, 4px);
}
.light, .dark { padding: var(--gap); border-radius: var(--round); }
.light {
  color-scheme: only light; color: var(--callboard-ink, #211a13); background: var(--callboard-ground, #fffdf8);
  --soft: var(--callboard-soft, #5f5446);
}
.dark {
  color-scheme: only dark; color: var(--callboard-ink, #f3ebdf); background: var(--callboard-ground, #211c17);
  --soft: var(--callboard-soft, #b9ac9a);
}
.body { font-size: clamp(12px, 1em, 40px); }
.body:lang(ko) { word-break: keep-all; }
.body * { margin: 0; padding: 0; box-sizing: border-box; }
ul { list-style: none; }
a { color: inherit; text-underline-offset: 0.18em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
a:focus-visible { outline: 3px solid currentColor; outline-offset: 2px; border-radius: 2px; }
.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.item { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.375em var(--gap); padding-block: var(--gap); border-block-start: 1px solid var(--line); }
.list > .item:first-child { border-block-start-color: var(--accent); border-block-start-width: 2px; }
.day + .day { margin-block-start: calc(1.5 * var(--gap)); }
.date { font-size: 1.0625em; font-weight: 700; line-height: 1.3; padding-block-end: 0.375em; border-block-end: 2px solid var(--accent); }
.day .item:first-child { border-block-start: 0; }
.title { font-size: 1.125em; font-weight: 700; line-height: 1.3; text-wrap: balance; }
.title a { display: inline-block; padding-block: 0.125em; }
.when { font-variant-numeric: tabular-nums; line-height: 1.35; }
.when time { font-weight: 650; }
.zone, .where, .who, .summary, .note, .status { color: var(--soft); font-size: 0.9375em; }
.zone { display: block; font-size: 0.8125em; }
.tags { display: flex; flex-wrap: wrap; gap: 0.25em 0.375em; padding-block-start: 0.25em; }
.tag { border: 1px solid var(--line); border-radius: 1em; padding-inline: 0.6em; font-size: 0.8125em; }
.tag.tentative { border-style: dashed; }
.badge { display: flex; align-items: baseline; gap: 0.5em; font-size: 0.9375em; font-weight: 650; font-variant-numeric: tabular-nums; }
.mark { flex: none; inline-size: 0.8em; block-size: 0.8em; border: 2px solid var(--good); border-radius: 50%; background: var(--good); forced-color-adjust: none; }
.few .mark { border-color: var(--warn); background: linear-gradient(to top, var(--warn) 50%, transparent 50%); }
.waitlist .mark { border-color: var(--warn); border-radius: 0; background: transparent; }
.full .mark { border-color: var(--accent); border-radius: 0; background: var(--accent); }
.cancelled .mark { border: 0; border-radius: 0; block-size: 3px; background: var(--accent); align-self: center; transform: rotate(-45deg); }
.closed .mark, .none .mark { border-color: currentColor; background: transparent; }
.off time, .cancelled .title a, .cancelled time { text-decoration-line: line-through; text-decoration-thickness: 2px; }
.action { display: inline-flex; align-items: center; min-block-size: 2.75em; padding-inline: 1em; margin-block-start: 0.375em; border: 1px solid currentColor; border-radius: var(--round); font-weight: 650; font-size: 0.9375em; text-decoration: none; }
.action:hover { text-decoration: underline; }
.foot { display: flex; flex-wrap: wrap; gap: 0 calc(1.25 * var(--gap)); border-block-start: 1px solid var(--line); font-size: 0.9375em; }
.foot a { display: inline-flex; align-items: center; min-block-size: 2.75em; }
.empty { padding-block: var(--gap); }
.status { padding-block: 0.5em; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17em), 1fr)); gap: var(--gap); margin-block-end: var(--gap); }
.grid .item { align-content: start; padding: var(--gap); border: 1px solid var(--line); border-block-start: 3px solid var(--accent); border-radius: var(--round); }
.grid .stand { align-self: end; }
@container (min-width: 36em) {
  .list > .item { grid-template-columns: min(11em, 26%) minmax(0, 1fr) min(13em, 30%); }
  .day .item { grid-template-columns: min(7.5em, 22%) minmax(0, 1fr) min(13em, 30%); }
  .list > .item time:first-child { display: block; }
}
@media (forced-colors: active) {
  .root { --accent: CanvasText; --good: CanvasText; --warn: CanvasText; --line: CanvasText; }
  a:focus-visible { outline-color: Highlight; }
}`;

  // Elements ------------------------------------------------------------------------------------------------------
  // h("p", { part: "when" }, ...) describes an element; `patch` makes what is there like the description and touches
  // nothing that is so already: focus, scroll position and a screen reader's place stay where they are.
  const h = (tag, given, ...kids) => {
    const attributes = {};
    let key;
    for (const name of Object.keys(given || {})) {
      const value = given[name];
      if (name === "key") key = value;
      else if (value !== null && value !== undefined) attributes[name] = String(value);
    }
    return { tag, key, attributes, kids: [].concat(...kids).filter((kid) => kid || kid === 0) };
  };
  // A thing with a name, by which it is styled from inside and from outside, and known again.
  const box = (tag, name, ...kids) => h(tag, { key: name, class: name, part: name }, ...kids);
  const unseen = (text) => h("span", { class: "unseen" }, ` ${text}`);
  const keys = new WeakMap();
  const written = new WeakMap();
  const make = (kid) => {
    if (!kid.tag) return document.createTextNode("");
    const node = document.createElement(kid.tag);
    if (kid.key !== undefined) keys.set(node, kid.key);
    return node;
  };
  const fits = (node, kid) =>
    node && keys.get(node) === kid.key && (kid.tag ? node.localName === kid.tag : node.nodeType === 3);
  const fill = (node, kid) => {
    if (!kid.tag) {
      if (node.data !== String(kid)) node.data = String(kid);
      return;
    }
    const before = written.get(node) || {};
    for (const name of Object.keys(before)) if (kid.attributes[name] === undefined) node.removeAttribute(name);
    for (const name of Object.keys(kid.attributes))
      if (before[name] !== kid.attributes[name]) node.setAttribute(name, kid.attributes[name]);
    written.set(node, kid.attributes);
    patch(node, kid.kids);
  };
  const patch = (parent, kids) => {
    const wanted = new Set(kids.map((kid) => kid.key));
    const kept = new Map();
    for (let node = parent.firstChild, next; node; node = next) {
      next = node.nextSibling;
      const key = keys.get(node);
      if (key === undefined) continue;
      if (wanted.has(key)) kept.set(key, node);
      else parent.removeChild(node);
    }
    let at = parent.firstChild;
    for (const kid of kids) {
      const found = kid.key === undefined ? at : kept.get(kid.key);
      const node = fits(found, kid) ? found : make(kid);
      if (node === at) at = at.nextSibling;
      else parent.insertBefore(node, at);
      fill(node, kid);
    }
    for (let next; at; at = next) {
      next = at.nextSibling;
      parent.removeChild(at);
    }
  };

  // Times: those of sessions have the offset of their place, so their digits are what the clock there shows -------------
  const LONG = { weekday: "long", year: "numeric", month: "long", day: "numeric" };
  const SHORT = { weekday: "short", year: "numeric", month: "short", day: "numeric" };
  const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const formats = new Map();
  const formatted = (moment, words, options) => {
    const key = words.locale + JSON.stringify(options);
    if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(words.locale, options));
    return formats.get(key).format(moment);
  };
  const digits = (iso) => new Date(`${iso.slice(0, 10)}T${iso.slice(11, 16) || "00:00"}Z`);
  const day = (iso, words, options) => formatted(digits(iso), words, { ...(options || SHORT), timeZone: "UTC" });
  const clock = (iso, words) => formatted(digits(iso), words, { ...CLOCK, timeZone: "UTC" });
  // A moment on the clocks of a place; a zone that this browser does not know yet is told as UTC.
  const there = (iso, timezone, words, options) => {
    try {
      return formatted(new Date(iso), words, { ...options, timeZone: timezone });
    } catch {
      return `${formatted(new Date(iso), words, { ...options, timeZone: "UTC" })} UTC`;
    }
  };
  // The name of the zone, where the reader's clock shows another time at that moment.
  const zone = (iso, timezone, words) => {
    const options = { ...SHORT, ...CLOCK };
    if (formatted(new Date(iso), words, options) === there(iso, timezone, words, options)) return "";
    try {
      const format = new Intl.DateTimeFormat(words.locale, { timeZone: timezone, timeZoneName: "long" });
      for (const part of format.formatToParts(new Date(iso))) if (part.type === "timeZoneName") return part.value;
    } catch { /* told by its own name */ }
    return timezone;
  };
  const moment = (iso, timezone, words) =>
    `${there(iso, timezone, words, SHORT)} ${there(iso, timezone, words, CLOCK)} ${zone(iso, timezone, words)}`.trim();

  // How an event stands now: what styles it, what is said, and what its link offers ------------------------------------
  const stands = (item, words, now) => {
    const more = item._callboard;
    const first = more.sessions[0];
    const at = (name) => (more[name] ? new Date(more[name]).getTime() : null);
    if (more.status === "cancelled") return ["cancelled", words.cancelled];
    if (more.registration === "none") return ["none", words.none];
    if (at("registration_opens_at") !== null && at("registration_opens_at") > now)
      return ["closed", words.opens(moment(more.registration_opens_at, first ? first.timezone : "UTC", words))];
    if (at("registration_closes_at") !== null && at("registration_closes_at") <= now) return ["closed", words.closed];
    if (more.registration === "approval") return ["open", words.approval, words.apply];
    if (more.level === "full" || more.seats_left === 0) {
      if (!more.waitlist || more.waitlist === "off") return ["full", words.full];
      return ["waitlist", more.waitlist_length ? words.waiting(more.waitlist_length) : words.waits, words.wait];
    }
    if (typeof more.seats_left !== "number") return ["open", words.unlimited, words.register];
    if (more.level === "few") return ["few", words.left(more.seats_left), words.register];
    const said = more.capacity ? words.of(more.seats_left, more.capacity) : words.left(more.seats_left);
    return ["open", said, words.register];
  };

  // What is shown ---------------------------------------------------------------------------------------------------
  const safe = (address, base) => {
    const url = new URL(address, base);
    return /^https?:$/.test(url.protocol) ? url : new URL(base);
  };
  // The host page without its query: whatever secrets stand there are not ours.
  const home = () => (/^http/.test(location.protocol) ? location.origin + location.pathname : "");
  const OUT = { target: "_blank", rel: "noopener", referrerpolicy: "no-referrer" };
  const out = (url, given, ...kids) => h("a", { href: url.href, ...OUT, ...given }, ...kids);

  const when = (session, words, inDay) => {
    if (!session) return box("p", "when", words.date);
    const { starts_at: starts, ends_at: ends, starts_on: first, ends_on: last, all_day: whole } = session;
    const longer = whole ? last > first : clock(ends, words) !== "00:00" && ends.slice(0, 10) > starts.slice(0, 10);
    const until = () => words.until(whole ? day(last, words) : `${day(ends, words)} ${clock(ends, words)}`);
    const named = whole ? "" : zone(starts, session.timezone, words);
    const begin = whole ? first : starts;
    const time = (iso, text) => h("time", { part: "time", datetime: iso }, text);
    return box(
      "p", "when",
      inDay ? null : [time(begin, day(begin, words)), " "],
      whole ? h("span", {}, words.allDay) : time(starts, clock(starts, words)),
      whole || longer ? null : ["–", time(ends, clock(ends, words))],
      longer ? [" ", h("span", {}, until())] : null,
      named ? [" ", box("span", "zone", named)] : null,
    );
  };

  const where = (session, words) => {
    if (!session) return null;
    const place = [session.room, session.venue].filter(Boolean).join(", ");
    const text = [place, session.online ? words.online : ""].filter(Boolean).join(" · ");
    return text ? box("p", "where", text) : null;
  };

  const spoken = (tag, words) => {
    try {
      return tag && tag !== "und" ? new Intl.DisplayNames(words.locale, { type: "language" }).of(tag) : "";
    } catch {
      return "";
    }
  };

  const item = (event, session, look, inDay) => {
    const { words, now, base, level } = look;
    const [state, said, offer] = stands(event, words, now);
    const off = session && session.status === "cancelled" && state !== "cancelled";
    const url = safe(event.url, base);
    const back = home();
    if (back) url.searchParams.set("return", back);
    const form = new URL(url);
    form.hash = "register";
    const about = event._callboard;
    const others = inDay ? 0 : about.sessions.length - 1;
    const tag = (name, text) => text && h("span", { class: `tag ${name}`, part: `tag tag-${name}` }, text);
    const tags = [
      tag("cancelled", off && words.sessionOff),
      tag("tentative", session && session.status === "tentative" && words.tentative),
      tag("more", others > 0 && words.more(others)),
      ...(inDay ? [] : [tag("kind", words.kinds[about.kind]), tag("language", spoken(about.spoken_language, words))]),
      ...(inDay ? [] : event.tags || []).map((text) => tag("topic", text)),
    ].filter(Boolean);
    const who = (event.authors || []).map((author) => author.name).filter(Boolean).join(", ");
    const named = inDay && session.title && session.title !== event.title;
    const note = state === "cancelled" ? about.cancel_reason : offer && about.needs_code ? words.code : "";
    return h(
      "li", { key: inDay ? session.uid : event.id, class: `item ${state}${off ? " off" : ""}`, part: `item item-${state}` },
      when(session, words, inDay),
      box(
        "div", "what",
        box(
          `h${level}`, "title",
          out(url, { part: "link" }, named ? `${event.title}: ${session.title}` : event.title, unseen(words.tab)),
        ),
        where(session, words),
        who ? box("p", "who", who) : null,
        !inDay && event.summary ? box("p", "summary", event.summary) : null,
        tags.length ? box("p", "tags", ...tags) : null,
      ),
      box(
        "div", "stand",
        h(
          "p", { key: "badge", class: "badge", part: `badge badge-${state}` },
          h("span", { class: "mark", part: "mark", "aria-hidden": "true" }), h("span", {}, said),
        ),
        note ? box("p", "note", note) : null,
        offer ? out(form, { key: "action", class: "action", part: "action" }, offer, unseen(`– ${event.title} ${words.tab}`)) : null,
      ),
    );
  };

  const listed = (items, look) =>
    h("ul", { key: look.view, class: look.view, part: "list", role: "list", "aria-label": look.words.label },
      items.map((event) => item(event, event._callboard.sessions[0], look, false)));

  const agenda = (items, look, backwards) => {
    const rows = [], days = new Map(), undated = [];
    const inner = { ...look, level: Math.min(look.level + 1, 6) };
    for (const event of items) {
      if (!event._callboard.sessions.length) undated.push(item(event, undefined, inner, false));
      for (const session of event._callboard.sessions) rows.push({ event, session });
    }
    const on = ({ session }) => (session.all_day ? session.starts_on : session.starts_at.slice(0, 10));
    const place = (row) => [on(row), row.session.all_day ? 0 : new Date(row.session.starts_at).getTime()];
    rows.sort((one, other) => {
      const [a, b] = [place(one), place(other)];
      return (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1]) * (backwards ? -1 : 1);
    });
    for (const row of rows) {
      if (!days.has(on(row))) days.set(on(row), []);
      days.get(on(row)).push(item(row.event, row.session, inner, true));
    }
    const block = (key, title, kids) =>
      h(
        "div", { key, class: "day", part: "day" },
        box(`h${look.level}`, "date", title), h("ul", { part: "list", role: "list" }, kids),
      );
    const shown = [];
    days.forEach((kids, iso) => shown.push(block(iso, h("time", { datetime: iso }, day(iso, look.words, LONG)), kids)));
    if (undated.length) shown.push(block("undated", look.words.date, undated));
    return shown;
  };

  // For search engines: schema.org, as a block of data that no policy takes for a script ----------------------------------
  const plain = (list) => Object.setPrototypeOf(list, null); // whatever Array.prototype.toJSON the host page has
  const described = (event, words, now, base) => {
    const more = event._callboard;
    const [state] = stands(event, words, now);
    const live = more.sessions.filter((session) => session.status !== "cancelled");
    const told = live.length ? live : more.sessions.slice();
    told.sort((one, other) => new Date(one.starts_at) - new Date(other.starts_at)); // what is over comes latest first
    const first = told[0], last = told[told.length - 1];
    const url = safe(event.url, base).href;
    const schema = (name) => `https://schema.org/${name}`;
    const data = {
      "@type": "Event", "@id": `${url}#event`, name: event.title, description: event.summary || undefined, url,
      inLanguage: more.spoken_language || undefined,
      eventStatus: schema(more.status === "cancelled" ? "EventCancelled" : "EventScheduled"),
      maximumAttendeeCapacity: typeof more.capacity === "number" ? more.capacity : undefined,
    };
    if (first) {
      const place = [first.venue, first.room].filter(Boolean).join(", ");
      data.startDate = first.all_day ? first.starts_on : first.starts_at;
      data.endDate = last.all_day ? last.ends_on : last.ends_at;
      const mode = first.online ? (place ? "Mixed" : "Online") : "Offline";
      data.eventAttendanceMode = schema(`${mode}EventAttendanceMode`);
      data.location = { "@type": "VirtualLocation", url };
      if (place) data.location = { "@type": "Place", name: place, address: first.address || place };
    }
    if (state === "open" || state === "few") data.offers = { "@type": "Offer", availability: schema("InStock"), url };
    if (state === "full" || state === "waitlist") data.offers = { "@type": "Offer", availability: schema("SoldOut"), url };
    return data;
  };
  const linked = (items, words, now, base) => {
    const elements = items.map((event, at) => ({
      "@type": "ListItem", position: at + 1, item: described(event, words, now, base),
    }));
    const list = { "@context": "https://schema.org", "@type": "ItemList", itemListElement: plain(elements) };
    const text = JSON.stringify(list);
    return text.replace(/[<>&\u2028\u2029]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
  };

  // Where it comes from: one request for all elements with the same address ------------------------------------------------
  const sources = new Map();
  class Source {
    constructor(address) {
      this.address = address;
      this.listeners = new Set();
      this.failures = 0;
      sources.set(address, this);
    }

    join(listener) {
      this.listeners.add(listener);
      if (this.data || this.failures) listener();
      else this.look();
    }

    leave(listener) {
      this.listeners.delete(listener);
      if (this.listeners.size) return;
      sources.delete(this.address);
      clearTimeout(this.timer);
      if (this.control) this.control.abort();
    }

    // A page that nobody sees asks nothing; seen again, it asks as soon as it is due.
    plan() {
      clearTimeout(this.timer);
      if (document.hidden || this.control || !this.listeners.size) return;
      const told = this.data && this.data._callboard && Number(this.data._callboard.poll_seconds);
      const usual = Math.max(LEAST_SECONDS, told || USUAL_SECONDS);
      const wait = this.refused ? MOST_SECONDS : Math.min(usual * 2 ** this.failures, Math.max(usual, MOST_SECONDS));
      const due = this.asked + 1000 * wait * (1 + Math.random() / 10);
      this.timer = setTimeout(() => this.look(), Math.max(0, due - Date.now()));
    }

    async look() {
      if (this.control) return;
      const control = new AbortController();
      const alarm = setTimeout(() => control.abort(), PATIENCE_MS);
      this.control = control;
      this.asked = Date.now();
      try {
        const answer = await fetch(this.address, {
          mode: "cors", credentials: "omit", referrerPolicy: "no-referrer", cache: "no-cache", signal: control.signal,
        });
        const data = await answer.json();
        this.refused = answer.status === 400 || answer.status === 404;
        if (this.refused) this.tell(data);
        if (!answer.ok) throw new Error(String(answer.status));
        data.items.forEach((event) => event._callboard.sessions.length); // what is no list of events ends here
        this.data = data;
        this.at = new Date();
        this.failures = 0;
      } catch {
        this.failures += 1;
      }
      clearTimeout(alarm);
      this.control = null;
      this.listeners.forEach((listener) => listener());
      this.plan();
    }

    // A filter that does not exist is said to whoever wrote it, not to visitors.
    tell(problem) {
      const said = `${NAME}: ${problem.detail || problem.title || "refused"} (${this.address})`;
      if (said !== this.said) console.error(said);
      this.said = said;
    }
  }

  const define = () => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    // Trusted Types take every script for code, also one that is a block of data.
    let policy;
    try {
      policy = window.trustedTypes && trustedTypes.createPolicy("callboard", { createScript: (text) => text });
    } catch { /* the page names its policies, and not this one: it goes without a block of data */ }
    document.addEventListener("visibilitychange", () => sources.forEach((source) => source.plan()));

    class CallboardEvents extends HTMLElement {
      static get observedAttributes() {
        return [...FILTERS, ...LOOKS, "lang", "src"];
      }

      constructor() {
        super();
        const shadow = this.attachShadow({ mode: "open" });
        shadow.adoptedStyleSheets = [sheet];
        this.update = () => this.show();
        this.render(true);
      }

      connectedCallback() {
        this.choose();
      }

      disconnectedCallback() {
        if (this.source) this.source.leave(this.update);
        this.source = null;
      }

      attributeChangedCallback() {
        if (!this.isConnected || this.waits) return;
        this.waits = true; // several attributes set in a row are one change
        Promise.resolve().then(() => {
          this.waits = false;
          if (this.isConnected) this.choose();
        });
      }

      // What is asked for: the filters of the address in `src`, then those written as attributes.
      choose() {
        let address = "";
        try {
          address = this.address();
        } catch (problem) {
          console.error(`${NAME}: ${problem.message}`);
        }
        if (this.source && this.source.address === address) return this.show();
        if (this.source) this.source.leave(this.update);
        this.source = null;
        if (!address) return this.fall();
        this.source = sources.get(address) || new Source(address);
        this.source.join(this.update);
      }

      address() {
        const url = new URL(this.getAttribute("src") || "/", (OWN && OWN.src) || document.baseURI);
        if (!/^https?:$/.test(url.protocol)) throw new Error(`src: ${url.href} is no web address`);
        const [, spoken, kind, slug] = PATH.exec(url.pathname) || [];
        const asked = new URLSearchParams();
        url.searchParams.forEach((value, name) => {
          if (value && !NOT_ASKED.has(name)) asked.append(name, value);
        });
        if (kind) asked.set(kind, slug);
        for (const name of FILTERS) if (this.getAttribute(name)) asked.set(name, this.getAttribute(name));
        const told = (name) => this.getAttribute(name) || url.searchParams.get(name) || "";
        const limit = parseInt(told("limit"), 10);
        if (limit > 0) asked.set("page_size", String(Math.min(limit, 200)));
        const around = this.closest("[lang]") || document.documentElement;
        const tongue = (text) => (/^(ko|en)\b/i.exec(text || "") || [""])[0].toLowerCase();
        const page = around.getAttribute("lang");
        this.base = url.origin;
        this.language = tongue(page) || spoken || tongue(url.searchParams.get("lang")) || (page ? "en" : "ko");
        const view = told("view"), theme = told("theme"), heading = parseInt(told("heading"), 10);
        this.view = view === "agenda" || view === "grid" ? view : "list";
        this.theme = theme === "light" || theme === "dark" ? theme : "auto";
        this.level = heading >= 2 && heading <= 6 ? heading : 3;
        // What is over: the latest first, as on our own pages.
        if (asked.get("when") === "past" && !asked.get("ordering")) asked.set("ordering", "-starts_at");
        asked.set("lang", this.language);
        asked.sort();
        this.asked = asked;
        return `${url.origin}/feeds/events.json?${asked}`;
      }

      show() {
        const { data, failures, address } = this.source;
        if (!data && this.shown !== address) return failures ? this.fall() : undefined;
        if (!data) return;
        try {
          this.draw(data);
          this.shown = address;
        } catch (problem) {
          console.error(`${NAME}: ${problem.message}`);
          this.fall();
        }
      }

      draw(data) {
        const words = WORDS[this.language], now = Date.now();
        const look = { words, now, base: this.base, level: this.level, view: this.view };
        const backwards = /^-/.test(this.asked.get("ordering") || "");
        const lasting = new URLSearchParams(this.asked);
        lasting.delete("page_size");
        lasting.delete("ordering");
        if (lasting.get("when") === "upcoming") lasting.delete("when"); // a calendar keeps what is over
        const file = new URL(`${this.base}/calendars/sessions.ics?${lasting}`);
        const late = this.source.failures > 1 ? words.since(formatted(this.source.at, words, CLOCK)) : "";
        this.render(
          false,
          !data.items.length ? box("p", "empty", words.empty)
            : this.view === "agenda" ? agenda(data.items, look, backwards) : listed(data.items, look),
          box(
            "p", "foot",
            out(safe(data.home_page_url || "/", this.base), { part: "foot-link" }, words.all, unseen(words.tab)),
            h("a", { part: "foot-link", href: file.href.replace(/^https?/, "webcal") }, words.calendar),
            h("a", { part: "foot-link", href: file.href }, words.file),
          ),
          late ? box("p", "status", late) : null,
        );
        try {
          this.describe(linked(data.items, words, now, this.base));
        } catch { /* refused by such a page */ }
      }

      // Nothing to show: the links in the tag, or one that we make, and a word about it.
      fall() {
        const words = WORDS[this.language || "ko"];
        this.shown = "";
        this.describe("");
        const lone = this.base && !this.firstElementChild && new URL(`/${this.language}/events/`, this.base);
        this.render(
          true,
          h("p", { key: "failed", class: "status", part: "status", role: "status" }, words.failed),
          lone ? out(lone, { key: "link", part: "foot-link" }, words.all, unseen(words.tab)) : null,
        );
      }

      render(links, ...kids) {
        const focused = this.shadowRoot.activeElement;
        patch(this.shadowRoot, [
          h("div", { class: `root ${this.theme || "auto"}`, part: "root", lang: this.language }, box("div", "body", ...kids)),
          h("slot", { hidden: links ? null : "" }),
        ]);
        const lost = focused && focused.isConnected && this.shadowRoot.activeElement !== focused;
        if (lost) focused.focus({ preventScroll: true });
      }

      describe(text) {
        const before = this.querySelector("script[data-callboard]");
        if (before && before.textContent === text) return;
        if (before) this.removeChild(before);
        if (!text) return;
        const block = document.createElement("script");
        block.setAttribute("type", "application/ld+json");
        block.setAttribute("data-callboard", "");
        block.text = policy ? policy.createScript(text) : text;
        this.appendChild(block);
      }
    }

    customElements.define(NAME, CallboardEvents);
  };

  try {
    if (window.customElements && document.documentElement.attachShadow && !customElements.get(NAME)) define();
  } catch { /* too old a browser: the links in the tag stay */ }
})();
