"""Text drawn on canvases, which axe cannot see: its colour, what lies under it, and whether it fits."""

import re
from itertools import combinations

from tests.colour import blend, contrast

# Keeps, for each canvas, the texts that stand on it, with the pixels under them; what is wiped away is forgotten.
LISTEN = """() => {
    if (window.textsOf) return;
    window.textsOf = new Map();
    const { prototype: contexts } = CanvasRenderingContext2D;
    const { prototype: canvases } = HTMLCanvasElement;
    const { fillText, clearRect } = contexts;
    const width = Object.getOwnPropertyDescriptor(canvases, 'width');
    Object.defineProperty(canvases, 'width', {
        ...width,
        set(value) {
            window.textsOf.delete(this);
            width.set.call(this, value);
        },
    });
    contexts.clearRect = function (x, y, across, along) {
        if (across >= this.canvas.width && along >= this.canvas.height) window.textsOf.delete(this.canvas);
        clearRect.call(this, x, y, across, along);
    };
    const bytes = [0, 8, 16, 24];
    const ancestors = (node) => (node ? [node, ...ancestors(node.parentElement)] : []);
    const styles = (node) => ancestors(node).map((each) => getComputedStyle(each));
    contexts.fillText = function (text, x, y, ...rest) {
        const { canvas } = this;
        const { actualBoundingBoxLeft: left, actualBoundingBoxRight: natural, actualBoundingBoxAscent: up,
            actualBoundingBoxDescent: down } = this.measureText(text);
        const right = Math.min(natural, rest[0] ?? Infinity);
        const matrix = this.getTransform();
        const corners = [[-left, -up], [right, -up], [-left, down], [right, down]].map(([across, along]) =>
            matrix.transformPoint({ x: x + across, y: y + along }));
        const [lefts, tops] = [corners.map((each) => each.x), corners.map((each) => each.y)];
        const box = [Math.min(...lefts), Math.min(...tops), Math.max(...lefts), Math.max(...tops)];
        const place = [Math.floor(box[0]), Math.floor(box[1])];
        const size = [Math.ceil(box[2]) - place[0] + 1, Math.ceil(box[3]) - place[1] + 1];
        const before = this.getImageData(...place, ...size).data;
        fillText.call(this, text, x, y, ...rest);
        const after = this.getImageData(...place, ...size).data;
        // What is cut away is not there to be read.
        if (before.every((value, i) => value === after[i])) return;
        const page = styles(canvas);
        const panel = canvas.closest('.specwidget-view')?.classList ?? [];
        const texts = window.textsOf.get(canvas) ?? [];
        window.textsOf.set(canvas, [...texts, {
            text,
            box,
            size: [canvas.width, canvas.height],
            panel: [...panel].find((name) => /^specwidget-(?!view|panel)/.test(name)),
            colour: this.fillStyle,
            opacity: page.reduce((share, { opacity }) => share * Number(opacity), this.globalAlpha),
            pixels: [...new Set(new Uint32Array(before.buffer))].map((each) => bytes.map((by) => (each >>> by) & 255)),
            ground: page.map((style) => style.backgroundColor).find((colour) => !/, 0\\)$/.test(colour)) ?? '#ffffff',
            isOver: canvas.previousElementSibling?.tagName === 'CANVAS',
        }]);
    };
}"""

DRAWN = """() => [...window.textsOf].filter(([{ isConnected, clientWidth }]) => isConnected && clientWidth)
    .map(([, texts]) => texts)"""


# What does not fit into an element: parts that stick out, words that are cut, whatever around it scrolls sideways.
MISFITS = """(page) => {
    const [left, right] = [page.getBoundingClientRect().left - 1, page.getBoundingClientRect().right + 1];
    // The tab strip scrolls.
    const nodes = [...page.querySelectorAll('.specwidget-view *')].filter((node) => node.checkVisibility()
        && !node.closest('[role="tablist"]')
        && !node.matches('.specwidget-hidden, .specwidget-hidden *, pre *, option'));
    const out = nodes.filter((node) => {
        const box = node.getBoundingClientRect();
        return box.right > right || box.left < left;
    });
    const cut = nodes.filter((node) => node.clientWidth > 2 && node.scrollWidth > node.clientWidth + 1
        && !['PRE', 'SELECT', 'svg'].includes(node.tagName));
    const pen = document.createElement('canvas').getContext('2d');
    const menus = nodes.filter((node) => {
        if (node.tagName !== 'SELECT') return false;
        const { fontSize, fontFamily, paddingLeft, paddingRight } = getComputedStyle(node);
        pen.font = `${fontSize} ${fontFamily}`;
        const arrow = 18;
        const room = node.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) - arrow;
        return pen.measureText(node.selectedOptions[0]?.text ?? '').width > room;
    });
    const around = [];
    for (let node = page; node; node = node.parentElement) {
        if (node.clientWidth && node.scrollWidth > node.clientWidth + 1) around.push(node);
    }
    return [...out, ...cut, ...menus, ...around].map((node) => node.outerHTML.slice(0, 120));
}"""


def parse(colour):
    """Return red, green and blue of a colour as CSS or a canvas writes it, and its opacity."""
    if colour.startswith("#"):
        return [int(colour[i : i + 2], 16) for i in (1, 3, 5)], 1.0
    numbers = [float(number) for number in re.findall(r"[\d.]+", colour)]
    return numbers[:3], numbers[3] if len(numbers) > 3 else 1.0


def least_contrast(drawn):
    """Return the contrast of a text where it is read worst; what a canvas under its own shows may be anything."""
    page, _ = parse(drawn["ground"])
    ink, opacity = parse(drawn["colour"])
    return min(
        float(contrast(blend(ink, opacity * drawn["opacity"], ground), ground))
        for *pixel, alpha in drawn["pixels"]
        for under in ([[0, 0, 0], [255, 255, 255]] if drawn["isOver"] else [page])
        for ground in [blend(pixel, alpha / 255, under)]
    )


def cut(texts):
    """Return the texts of a canvas that its edges cut."""
    return [
        each["text"]
        for each in texts
        for left, top, right, bottom in [each["box"]]
        if min(left, top) < -1 or right > each["size"][0] + 1 or bottom > each["size"][1] + 1
    ]


def overlapping(texts):
    """Return the pairs of texts of a canvas that stand on each other."""
    return [(one["text"], other["text"]) for one, other in combinations(texts, 2) if _overlap(one["box"], other["box"])]


def _overlap(one, other):
    """Tell whether two boxes (left, top, right, bottom) share more than an edge."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    along = min(one[3], other[3]) - max(one[1], other[1])
    return across > 1 and along > 1
