type Child = Node | string | number | null | undefined | false | readonly Child[];
type Attributes = Record<string, string | number | boolean | undefined>;

const svgNamespace = 'http://www.w3.org/2000/svg';

/** An HTML element. Text becomes text nodes, never markup; `data-key` names an element among its siblings for `morph`. */
export function h(tag: string, attributes: Attributes = {}, ...children: Child[]): HTMLElement {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function svg(tag: string, attributes: Attributes = {}, ...children: Child[]): SVGElement {
  return fill(document.createElementNS(svgNamespace, tag) as SVGElement, attributes, children);
}

function fill<Made extends Element>(element: Made, attributes: Attributes, children: readonly Child[]): Made {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(element, child);
    else element.append(child instanceof Node ? child : String(child));
  }
}

/** The element with this id. Throws if the page has none. */
export function byId<Found extends HTMLElement = HTMLElement>(id: string): Found {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element ${id}`);
  return element as Found;
}

/**
 * Makes the children of `parent` equal to `wanted` by changing the existing children, so that focus, scroll position, open details
 * and typed text are kept. The children of an element with `data-own` are not changed, because an action of the user fills it.
 */
export function morph(parent: Element, wanted: readonly Node[]): void {
  const focused = document.activeElement;
  morphChildren(parent, wanted);
  if (focused instanceof HTMLElement && focused !== document.activeElement && focused.isConnected) {
    focused.focus({ preventScroll: true });
  }
}

function morphChildren(parent: Element, wanted: readonly Node[]): void {
  const keyed = Map.groupBy([...parent.children], keyOf);
  wanted.forEach((want, index) => {
    const there = parent.childNodes[index];
    const old = keyOf(want) === undefined ? there : keyed.get(keyOf(want))?.shift();
    if (!old || !isSame(old, want)) {
      parent.insertBefore(want, there ?? null);
      return;
    }
    if (old !== there) parent.insertBefore(old, there ?? null);
    morphNode(old, want);
  });
  while (parent.childNodes.length > wanted.length) parent.lastChild?.remove();
}

function isSame(old: Node, want: Node): boolean {
  return old.nodeName === want.nodeName && keyOf(old) === keyOf(want);
}

function keyOf(node: Node): string | undefined {
  return node instanceof Element ? (node.getAttribute('data-key') ?? undefined) : undefined;
}

function morphNode(old: Node, want: Node): void {
  if (!(old instanceof Element && want instanceof Element)) {
    if (old.nodeValue !== want.nodeValue) old.nodeValue = want.nodeValue;
    return;
  }
  for (const { name } of [...old.attributes]) {
    // The reader opens and closes details, so this attribute is not changed.
    if (!want.hasAttribute(name) && !(name === 'open' && old.nodeName === 'DETAILS')) old.removeAttribute(name);
  }
  for (const { name, value } of [...want.attributes]) {
    if (name === 'open' && old.nodeName === 'DETAILS') continue;
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  if (!want.hasAttribute('data-own')) morphChildren(old, [...want.childNodes]);
}
