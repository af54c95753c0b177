"""What is done in the page, and timed there: JavaScript for a browser, each a function of one argument."""

from __future__ import annotations

from benchmarks.browser.contestants import Contestant


def turn(contestant: Contestant) -> str:
    """Return a function that sets a frame length, and returns the milliseconds until it is painted.

    "Painted" is the next animation frame after the drawing.
    """
    return f"""async ([place, length]) => {{
    const root = document.querySelector('{contestant.root}');
    {contestant.painted}
    const start = performance.now();
    {contestant.act}
    await painted;
    await new Promise(requestAnimationFrame);
    return performance.now() - start;
}}"""


IN_THE_PAGE = """async ({ kind, rounds }) => {
    const root = document.querySelector('.specwidget');
    const stage = root.querySelector('.specwidget-stage');
    const field = (name) => root.querySelector(`.specwidget-field[data-name="${name}"]`);
    const frame = () => new Promise(requestAnimationFrame);
    const box = stage.getBoundingClientRect();
    const acts = {
        colours: (i) => {
            const select = field('colour_map').querySelector('select');
            select.selectedIndex = 1 + (i % 3);
            select.dispatchEvent(new Event('change', { bubbles: true }));
        },
        range: (i) => {
            const low = field('value_range').querySelector('input');
            low.value = String(-90 - (i % 5));
            low.dispatchEvent(new Event('change', { bubbles: true }));
        },
        cursor: (i) => {
            const at = { clientX: box.left + 100 + 7 * i, clientY: box.top + 100 + 3 * i, bubbles: true };
            stage.dispatchEvent(new PointerEvent('pointermove', at));
        },
        zoom: (i) => {
            const key = i % 2 ? '-' : '+';
            stage.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        },
    };
    const times = [];
    for (let i = 0; i < rounds + 5; i++) {
        await frame();
        const start = performance.now();
        acts[kind](i);
        await frame();
        times.push(performance.now() - start);
        await new Promise((done) => setTimeout(done, 100));
    }
    return times.slice(5);
}"""

# The last change within this time counts, in the document or on a canvas of the page behind the tab.
OPEN_TAB = """async (name) => {
    const root = document.querySelector('.specwidget');
    const tab = root.querySelector(`.specwidget-tab[data-tab="${name}"]`);
    const isIts = (node) => node.closest?.('[role="tabpanel"]');
    let last = 0;
    const watch = new MutationObserver((all) => {
        if (all.some(({ target }) => isIts(target.nodeType === 1 ? target : target.parentElement)))
            requestAnimationFrame(() => { last = performance.now(); });
    });
    watch.observe(root, { childList: true, subtree: true, attributes: true, characterData: true });
    const { clearRect } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.clearRect = function (...all) {
        clearRect.apply(this, all);
        if (isIts(this.canvas)) requestAnimationFrame(() => { last = performance.now(); });
    };
    const start = performance.now();
    tab.click();
    await new Promise((done) => setTimeout(done, 800));
    watch.disconnect();
    CanvasRenderingContext2D.prototype.clearRect = clearRect;
    if (!last) throw new Error(`Nothing was shown behind the tab ${name}.`);
    return last - start;
}"""

FLOOD = """async () => {
    const root = document.querySelector('.specwidget');
    const stage = root.querySelector('.specwidget-stage');
    const slider = root.querySelector('.specwidget-field[data-name="frame_length"] input[type="range"]');
    const painted = [];
    const note = ({ detail }) => requestAnimationFrame(() => painted.push([performance.now(), detail]));
    root.addEventListener('specwidget-painted', note);
    let last = 0;
    await new Promise((done) => {
        let i = 0;
        const next = () => {
            slider.value = String(i === 199 ? 20 : 30 + (i % 40));
            slider.dispatchEvent(new Event('input', { bubbles: true }));
            last = performance.now();
            if (++i === 200) return done();
            setTimeout(next, Math.max(0, begun + 5 * i - performance.now()));
        };
        const begun = performance.now();
        next();
    });
    await new Promise((done) => setTimeout(done, 2500));
    root.removeEventListener('specwidget-painted', note);
    const during = painted.filter(([time]) => time <= last).length;
    const serial = painted.at(-1)[1].serial;
    return { pictures: during, late: painted.find(([, detail]) => detail.serial === serial)[0] - last };
}"""

# Both return the milliseconds to the frame after the first picture, which may be a sketch, and after the exact one.
SEEN = """
    const until = (isIt) => new Promise((done) => {
        root.addEventListener('specwidget-painted', ({ detail }) => isIt(detail) && requestAnimationFrame(done));
    });
    const seen = async (act, isIt) => {
        const [first, exact] = [until(isIt), until((header) => isIt(header) && !header.sentence)];
        const start = performance.now();
        act();
        await first;
        const soon = performance.now() - start;
        await exact;
        return [soon, performance.now() - start];
    };
"""

MOVE_STEP = f"""(place) => {{
    const root = document.querySelector('.specwidget');
    {SEEN}
    const slider = root.querySelector('.specwidget-field[data-name="frame_step"] input[type="range"]');
    return seen(() => {{
        slider.value = String(place);
        slider.dispatchEvent(new Event('input', {{ bubbles: true }}));
    }}, () => true);
}}"""

OPEN_FILE = f"""(name) => {{
    const root = document.querySelector('.specwidget');
    {SEEN}
    const holds = (select) => [...select.options].some(({{ text }}) => text === name);
    const select = [...root.querySelectorAll('select')].find(holds);
    return seen(() => {{
        select.selectedIndex = [...select.options].findIndex(({{ text }}) => text === name);
        select.dispatchEvent(new Event('change', {{ bubbles: true }}));
    }}, (header) => header.name === name);
}}"""

# Notes when a burst begins on the microphone's stream, when a picture is painted, and when the burst is in it: the last
# columns then differ from those of silence. Where they are is where the first burst is.
LISTEN = """() => {
    const root = document.querySelector('.specwidget');
    const canvas = root.querySelector('.specwidget-stage canvas');
    const [heard, painted, seen] = [[], [], []];
    Object.assign(window, { heard, painted, seen });
    const { createMediaStreamSource } = AudioContext.prototype;
    AudioContext.prototype.createMediaStreamSource = function (stream) {
        const source = createMediaStreamSource.call(this, stream);
        const analyser = new AnalyserNode(this, { fftSize: 256 });
        source.connect(analyser);
        const samples = new Float32Array(256);
        let lastLoud = 0;
        setInterval(() => {
            analyser.getFloatTimeDomainData(samples);
            const now = performance.now();
            if (!samples.some((value) => Math.abs(value) > 0.05)) return;
            if (now - lastLoud > 200) heard.push(now);
            lastLoud = now;
        }, 5);
        return source;
    };
    const rows = Array.from({ length: 20 }, (_, i) => Math.round(canvas.height * (0.2 + 0.03 * i)));
    const read = (x, width) => canvas.getContext('2d').getImageData(x, 0, width, canvas.height).data;
    let silence = null;
    let edge = -1;
    // The share of some rows in which a column differs from that of silence.
    const loudness = (data, width, x, place) => rows.filter((y) => {
        const [i, j] = [4 * (y * width + x), 4 * (y * canvas.width + place)];
        return Math.abs(data[i] - silence[j]) + Math.abs(data[i + 1] - silence[j + 1]) > 60;
    }).length / rows.length;
    root.addEventListener('specwidget-painted', ({ detail }) => {
        if (!detail.name.startsWith('Recording')) return;
        requestAnimationFrame(() => {
            const now = performance.now();
            painted.push(now);
            silence ??= read(0, canvas.width);
            if (edge > 0) {
                if (loudness(read(edge - 1, 1), 1, 0, edge - 1) > 0.7) seen.push(now);
            } else if (heard.length) {
                const data = read(0, canvas.width);
                const all = [...silence.keys()].slice(0, canvas.width);
                edge = all.findLastIndex((x) => loudness(data, canvas.width, x, x) > 0.7);
            }
        });
    });
}"""
