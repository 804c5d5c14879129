// Tables, filters, what stands behind a line, and print, over the data that the page holds.
// Text of models reaches the page by textContent, or escaped: it is never read as markup.
const page = JSON.parse(document.getElementById("data").textContent);
const words = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const ELEMENTS_AT_ONCE = 100;

const unpacked = (column) =>
  Array.isArray(column) ? column : column.codes.map((code) => column.values[code]);

const MARKUP = /[&<>"']/;
const escaped = (text) =>
  MARKUP.test(text)
    ? text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
    : text;

function made(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function unknownLast(compare) {
  return (a, b) => (a === null || b === null ? (a === null) - (b === null) : compare(a, b));
}

for (const [name, compare, prepare] of [
  ["figure", (a, b) => a - b, (text) => (text === null ? null : Number(text))],
  ["words", words.compare, (text) => text],
]) {
  DataTable.type(name, {
    className: "",
    detect: () => false,
    order: {
      pre: prepare,
      asc: unknownLast(compare),
      desc: unknownLast((a, b) => compare(b, a)),
    },
  });
}

function shown(value, kind) {
  if (kind === "sort" || kind === "type") return value;
  if (value !== null) return escaped(value);
  if (kind !== "display") return "unknown";
  return '<span class="unknown" aria-hidden="true">–</span><span class="unseen">unknown</span>';
}

function lineButton(number, kind) {
  if (kind !== "display") return String(number);
  const label = `What stands behind line ${number}`;
  return `<button type="button" class="line" data-line="${number}" aria-haspopup="dialog" aria-label="${label}">${number}</button>`;
}

function tableOf(data) {
  const columns = data.data.map(unpacked);
  const rows = Array.from({ length: data.rows }, (_, row) => [
    ...columns.map((column) => column[row]),
    row + 1,
  ]);
  const definitions = data.columns.map((column, place) => ({
    data: place,
    type: column.figure ? "figure" : "words",
    className: column.look,
    render: shown,
  }));
  const line = { data: columns.length, type: "figure", className: "figure", render: lineButton };
  const table = new DataTable(`#${data.name}`, {
    data: rows,
    columns: data.has_lines ? [line, ...definitions] : definitions,
    autoWidth: false,
    deferRender: true,
    order: [],
    pageLength: 25,
    lengthMenu: [10, 25, 100, 500],
    language: {
      emptyTable: "No rows: nothing in these models answers",
      search: "Search in all columns:",
      thousands: "\u202f",
    },
    layout: { topStart: "pageLength", topEnd: "search", bottomStart: "info", bottomEnd: "paging" },
  });
  scrollOnlyRows(table, data);
  document.getElementById(`${data.name}-static`).remove();
  table.table().container().querySelector("nav")?.setAttribute("aria-label", `Pages of ${data.title}`);
  return table;
}

// The library puts its controls beside the table; what scrolls shall be the table alone.
function scrollOnlyRows(table, data) {
  const region = document.getElementById(`${data.name}-region`);
  const rows = table.table().container().querySelector(".dt-layout-table");
  for (const { name, value } of [...region.attributes]) {
    region.removeAttribute(name);
    if (name === "class") rows.classList.add(value);
    else rows.setAttribute(name, value);
  }
}

function addFilters(table, data) {
  const fields = made("div", { className: "fields" });
  const first = data.has_lines ? 1 : 0;
  data.columns.forEach((column, place) => {
    const add = column.figure ? rangeFilter : textFilter;
    fields.append(add(table, column.name, place, first + place));
  });
  const label = made("summary", { textContent: "Filter by column" });
  document.getElementById(`${data.name}-filters`).append(made("details", {}, label, fields));
}

function textFilter(table, name, place, number) {
  const input = made("input", { type: "search", placeholder: "contains" });
  input.addEventListener("input", () => {
    const wanted = input.value.toLowerCase();
    const holds = (_, row) => (row[place] ?? "unknown").toLowerCase().includes(wanted);
    table.column(number).search.fixed("holds", wanted ? holds : null).draw();
  });
  return made("label", {}, name, input);
}

function rangeFilter(table, name, place, number) {
  const ends = ["at least", "at most"].map((text) =>
    made("input", { type: "number", step: "any", placeholder: text, ariaLabel: `${name} ${text}` }),
  );
  const filter = () => {
    const [least, most] = ends.map((end) => (end.value === "" ? null : Number(end.value)));
    const lies = (_, row) =>
      row[place] !== null &&
      (least === null || Number(row[place]) >= least) &&
      (most === null || Number(row[place]) <= most);
    const asked = least !== null || most !== null;
    table.column(number).search.fixed("lies", asked ? lies : null).draw();
  };
  ends.forEach((end) => end.addEventListener("input", filter));
  const label = made("legend", { textContent: name });
  return made("fieldset", {}, label, ...ends.map((end) => made("label", {}, end)));
}

// What stands behind a line.

const OF_ELEMENT = [
  "line_no", "line", "vendor", "project_id", "model_id", "side", "element_id", "ifc_guid",
  "ifc_class", "name", "type_name", "storey_name", "quantity", "value", "unit", "basis", "state",
  "rule_set", "basis_order",
];

function evidenceRows(behind) {
  const columns = behind.data.map(unpacked);
  const names = behind.columns.map((column) => column.name);
  const lines = new Map();
  for (let row = 0; row < behind.rows; row += 1) {
    const facts = Object.fromEntries(names.map((name, place) => [name, columns[place][row]]));
    const line = Number(facts.line_no);
    if (!lines.has(line)) lines.set(line, []);
    lines.get(line).push(facts);
  }
  return lines;
}

function byElement(rows) {
  const elements = [];
  let last = null;
  for (const row of rows) {
    const whose = JSON.stringify([row.snapshot_id, row.element_id, row.side]);
    if (whose !== last) elements.push([]);
    elements.at(-1).push(row);
    last = whose;
  }
  return elements;
}

function given(rows) {
  const figures = rows
    .filter((row) => row.value !== null)
    .map((row) => `${row.quantity ? `${row.quantity} ` : ""}${row.value} ${row.unit ?? ""}`.trim());
  return [...figures, ...new Set(rows.map((row) => row.state).filter(Boolean))].join(", ");
}

function elementHeading(rows) {
  const { side, ifc_class, name, element_id, vendor, model_id } = rows[0];
  if (element_id === null) {
    return vendor === null ? given(rows) : `stated by ${vendor}:${model_id} itself: ${given(rows)}`;
  }
  const what = [side, ifc_class ?? "element", name === null ? null : `'${name}'`].filter(Boolean);
  return `${what.join(" ")} (${element_id}) in ${vendor}:${model_id}: ${given(rows)}`;
}

function factList(row, names) {
  const list = made("dl");
  for (const name of names) {
    if (row[name] === null || row[name] === undefined) continue;
    const isRecord = name === "record";
    const value = isRecord ? made("pre", { textContent: row[name] }) : row[name];
    list.append(made("div", {}, made("dt", { textContent: name }), made("dd", {}, value)));
  }
  return list;
}

function elementDetails(rows) {
  const details = made("details", {}, made("summary", { textContent: elementHeading(rows) }));
  details.addEventListener(
    "toggle",
    () => {
      const [first] = rows;
      const others = Object.keys(first).filter((name) => !OF_ELEMENT.includes(name));
      details.append(factList(first, ["ifc_guid", "type_name", "storey_name", "basis"]));
      for (const row of rows) {
        details.append(made("div", { className: "figure-behind" }, factList(row, others)));
      }
    },
    { once: true },
  );
  return details;
}

function addElements(body, elements, start) {
  const end = Math.min(start + ELEMENTS_AT_ONCE, elements.length);
  body.append(...elements.slice(start, end).map(elementDetails));
  if (end === elements.length) return;
  const more = made("button", { type: "button", textContent: `Show more (${elements.length - end})` });
  more.addEventListener("click", () => {
    more.remove();
    const next = body.childElementCount;
    addElements(body, elements, end);
    body.children[next]?.querySelector("summary")?.focus();
  });
  body.append(more);
}

function openLine(behind, lines, number) {
  const rows = lines.get(number) ?? [];
  const body = document.getElementById("evidence-body");
  const name = rows[0]?.line || "all elements";
  document.getElementById("evidence-title").textContent = `Line ${number}: ${name}`;
  body.replaceChildren();
  if (rows.length) body.append(factList(rows[0], ["rule_set", "basis_order"]));
  const leftOut = behind.left_out[number];
  if (leftOut) {
    body.append(
      made(
        "p",
        { className: "left-out" },
        `${leftOut} more elements stand behind this line and are not on this page; all of them: `,
        made("code", { textContent: behind.command }),
      ),
    );
  }
  addElements(body, byElement(rows), 0);
  document.getElementById("evidence").showModal();
  document.getElementById("evidence").scrollTop = 0;
}

function addEvidence(behind) {
  const lines = evidenceRows(behind);
  const dialog = document.getElementById("evidence");
  document.getElementById("evidence-close").addEventListener("click", () => dialog.close());
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-line]");
    if (button) openLine(behind, lines, Number(button.dataset.line));
  });
  const list = document.getElementById("behind");
  for (const [number, rows] of list ? lines : []) {
    const text = `${number}: ${rows[0].line || "all elements"}`;
    const button = made("button", { type: "button", textContent: text, ariaHasPopup: "dialog" });
    button.dataset.line = number;
    list.append(made("li", {}, button));
  }
}

// Print: as many of the rows that are shown as paper can bear, and how many those are.

function printAll(table, data) {
  const note = document.getElementById(`${data.name}-printed`);
  let before = null;
  window.addEventListener("beforeprint", () => {
    const rows = table.page.info().recordsDisplay;
    before = [table.page.len(), table.page()];
    table.page.len(page.most_printed).draw(false);
    table.page(0).draw(false);
    const printed = Math.min(rows, page.most_printed);
    note.textContent = `${printed} of ${data.rows} rows`;
    note.hidden = printed === data.rows;
  });
  window.addEventListener("afterprint", () => {
    if (before === null) return;
    table.page.len(before[0]).draw(false);
    table.page(before[1]).draw(false);
    note.hidden = true;
    before = null;
  });
}

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const dress = () => document.documentElement.classList.toggle("dark", dark.matches);
dark.addEventListener("change", dress);
dress();
for (const data of page.tables) {
  const table = tableOf(data);
  addFilters(table, data);
  printAll(table, data);
}
if (page.behind) addEvidence(page.behind);
document.documentElement.dataset.ready = "yes";
