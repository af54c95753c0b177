"""The teacher's page: its table, its answers and its examples are those of the course."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from specwidget import STFTSettings, STFTSpectrogram, crosscheck
from specwidget.sounds import load_recording, make_synthetic
from specwidget.stft.window_merits import window_merits
from specwidget.stft.windows import make_window
from specwidget.teach.exercises import EXERCISES, draw, judge
from specwidget.teach.figures import FIGURES
from specwidget.teach.masking import make_pair, separate, signal_to_distortion
from specwidget.teach.scenes import aligning, griffin_lim, leakage, when_training_helps
from specwidget.teach.two_tone import TOLD_APART, dip_between_clicks, dip_between_sines

FOLDER = Path(__file__).parents[1] / "notebooks"
PAGE = (FOLDER / "TEACHING.md").read_text(encoding="utf-8")
BEFORE, _, ANSWERS = PAGE.partition("\n# Answers\n")
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"), key=lambda path: (path.stem != "explore", path.stem))

ROW = re.compile(r"^\| \[([^\]]+)\]\(([\w.]+)\) \| (.+?) \| (\d+) \| (.+?) \|$", re.MULTILINE)
MAP_ROW = re.compile(r"^\| \[([^\]]+)\]\(([\w.]+)\) \| (.+?) \| (\d+) \|$", re.MULTILINE)
ASKED = re.compile(r"\bask\(\"(\w+)\", (?:seed=)?(\d+)\)")
ANSWERED = re.compile(r"^\| `ask\(\"(\w+)\", (\d+)\)` \| (.+?) \| .+ \|$", re.MULTILINE)
BLOCK = re.compile(r"^( *)```python\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def sources(notebook):
    """Return the text of each cell."""
    return ["".join(cell["source"]) for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]]


def name_of(notebook):
    """Return what a notebook is called on the page."""
    return notebook.stem.replace("_", " ")


def told(notebook):
    """Return the answers to a notebook in one line."""
    (found,) = re.findall(rf"^### {notebook}[^\n]*\n(.*?)(?=^### |\Z)", ANSWERS, re.MULTILINE | re.DOTALL)
    return " ".join(found.split())


def signed(text):
    """Return a text with the sign that the page writes for less than 0."""
    return text.replace("-", "−")


def example(start):
    """Return the block of code that begins with a text."""
    (found,) = [code for _, code in BLOCK.findall(PAGE) if code.lstrip().startswith(start)]
    indent = re.match(" *", found)[0]
    return re.sub(rf"^{indent}", "", found, flags=re.MULTILINE)


def run(code):
    """Return the names that a block of code makes."""
    names = {}
    exec(code, names)
    return names


def test_every_notebook_is_in_the_table_in_order_with_its_question():
    listed = [(name, link, question) for name, link, question, *_ in ROW.findall(BEFORE)]
    assert listed == [(name_of(path), path.name, sources(path)[0].splitlines()[0][2:]) for path in NOTEBOOKS]


def test_times_and_questions_agree_with_the_map_at_the_front_door():
    rows = {link: (name, question, minutes) for name, link, question, minutes, _ in ROW.findall(BEFORE)}
    mapped = {link: tuple(rest) for name, link, *rest in MAP_ROW.findall(sources(FOLDER / "explore.ipynb")[-1])}
    assert len(mapped) == len(NOTEBOOKS) - 1
    assert {link: rows[link][1:] for link in mapped} == mapped


def test_times_agree_with_the_notebooks_own():
    minutes = {link: number for _, link, _, number, _ in ROW.findall(BEFORE)}
    own = {path.name: re.findall(r"\*\*Time:\*\* (\d+) minutes", sources(path)[0]) for path in NOTEBOOKS[1:]}
    assert own == {name: [number] for name, number in minutes.items() if name != "explore.ipynb"}


def test_what_comes_before_is_what_each_notebook_asks_for():
    before = {link: set(re.findall(r"\d\d|explore", text)) for _, link, _, _, text in ROW.findall(BEFORE)}
    for path in NOTEBOOKS[1:]:
        asked = sources(path)[0].partition("**Before it:**")[2]
        assert before[path.name] == set(re.findall(r"\((\d\d|explore)[\w.]*\)", asked)), path.name


@pytest.mark.parametrize("part", [BEFORE, ANSWERS], ids=["before the answers", "answers"])
def test_every_notebook_is_told_of(part):
    named = re.findall(r"^(?:\*\*|### )(explore|\d\d [a-z ]+)(?:\.\*\*|$)", part, re.MULTILINE)
    assert named == [name_of(path) for path in NOTEBOOKS]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_change_to_try_has_its_answer(notebook):
    for number in "123":
        assert f"*Try {number}" in told(name_of(notebook))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_answers_are_of_the_questions_that_the_notebook_asks(notebook):
    section = ANSWERS.partition(f"\n### {name_of(notebook)}\n")[2].partition("\n### ")[0]
    answered = [(kind, seed) for kind, seed, _ in ANSWERED.findall(section)]
    assert answered == ASKED.findall("\n".join(sources(notebook)))


def test_the_answers_are_right():
    found = ANSWERED.findall(ANSWERS)
    judged = {(kind, seed): judge(draw(kind, int(seed)), answer).right for kind, seed, answer in found}
    assert judged == dict.fromkeys(judged, True)


def test_the_answers_stand_apart_from_what_is_printed():
    assert not ANSWERED.findall(BEFORE)
    assert "*Try 1" not in BEFORE


def test_the_scores_of_a_folder_are_read(tmp_path, monkeypatch, capsys):
    texts = ["<Figure>", "Score, Count the frames: 3 of 4 right"]
    outputs = [{"output_type": "display_data", "data": {"text/plain": [text]}} for text in texts]
    cells = [{"cell_type": "markdown", "source": ""}, {"cell_type": "code", "outputs": outputs}]
    (tmp_path / "handed-in").mkdir()
    (tmp_path / "handed-in" / "ada.ipynb").write_text(json.dumps({"cells": cells}))
    monkeypatch.chdir(tmp_path)
    run(example("import json"))
    assert capsys.readouterr().out == "ada.ipynb ['Score, Count the frames: 3 of 4 right']\n"


def test_the_example_of_an_exercise_passes_its_own_test(monkeypatch):
    made = run(example('"""How far apart'))["EXERCISE"]
    assert made.name not in EXERCISES
    monkeypatch.setitem(EXERCISES, made.name, made)
    run(example('"""The distance of the bins'))["test_the_distance_is_that_of_numpy_s_frequencies"]()
    for seed in range(40):
        case = draw(made.name, seed)
        assert judge(case, case.solution).right
        assert [judge(case, wrong).right for wrong, _ in case.mistakes] == [False]


def test_the_example_of_a_figure_draws_and_sounds_what_it_says():
    plan = run(example('"""A sine under a window'))["PLAN"]
    assert plan.name not in FIGURES
    scene = plan.scene(window="boxcar")
    samples = np.sin(2 * np.pi * 200 / 8000 * np.arange(800))
    assert scene.axes[0].items[0].y == pytest.approx(samples, abs=1e-9)
    assert scene.caption == "The first sample is 0.00, the highest 1.00."
    heard = plan.sounds["Hear it"](**plan.defaults | {"window": "boxcar"}).samples
    assert heard == pytest.approx(0.8 * samples, abs=1e-9)


def test_the_tables_of_answers_name_the_shapes_of_the_voice():
    layer = STFTSpectrogram(frame_length=400, frame_step=160)
    assert str(layer.compute_output_shape(load_recording("voice").samples.shape)) in told("01")


def test_a_click_in_the_fading_end_is_as_loud_as_the_page_tells():
    levels = {}
    for padding in ("valid", "same"):
        for place in (15_300, 15_200):
            signal = 0.1 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
            signal[place] = 1.0
            result = STFTSpectrogram("log", 2048, padding=padding).spectrogram(signal[None, :, None], 16_000)
            levels[padding, place] = result.decibels()[:, result.frequencies > 4000].max()
    near, far = f"{levels['valid', 15_300]:.1f} dB", f"{levels['valid', 15_200]:.1f} dB"
    assert signed(near) in told("01")
    assert signed(f"{far}; with *same* {levels['same', 15_200]:.0f} dB") in told("01")


def test_the_windows_between_bins_are_told_as_they_are():
    levels = {window: leakage.levels(3625.0, 64, window, 64) for window in leakage.WINDOWS}
    lowest = sorted(levels, key=lambda window: levels[window][28])[:2]
    text = "Lowest at 7000 Hz is *{}*, {:.1f} dB (*{}* {:.1f}, *boxcar* {:.1f})"
    (best, second), far = lowest, [levels[window][28] for window in (*lowest, "boxcar")]
    assert signed(text.format(best, far[0], second, *far[1:])) in told("02")
    above = {window: int((found > -20).sum()) for window, found in levels.items()}
    assert {window for window, n in above.items() if n == 2} == {"bartlett", "cosine"}
    assert {window for window, n in above.items() if n == 6} == {"boxcar", "flattop"}
    assert set(above.values()) == {2, 4, 6}


def told_apart(dip, window, gap, lengths):
    """Return the lengths of a window that tell two apart."""
    return [n for n in lengths if dip(make_window(window, n, False), gap(n)) >= TOLD_APART]


def test_the_frames_that_part_both_pairs_are_told():
    kept = {}
    for window in leakage.WINDOWS:
        sines = told_apart(dip_between_sines, window, lambda n: 100 * n / 8000, range(16, 400))
        clicks = told_apart(dip_between_clicks, window, lambda n: 80, range(16, 400))
        kept[window] = sorted(set(sines) & set(clicks))
    assert kept.pop("hann") == [161]
    assert {window for window, both in kept.items() if not both} == {"boxcar", "cosine", "flattop"}
    for window, both in kept.items():
        assert not both or f"*{window}* ({both[0]} to {both[-1]})" in told("03")


@pytest.mark.parametrize("window", ["boxcar", "hann", "blackmanharris"])
def test_the_shortest_frame_that_parts_the_near_sines_is_told(window):
    lengths = (n for n in range(32, 1025) if dip_between_sines(make_window(window, n, True), 70 * n / 8000) >= 3)
    assert f"{next(lengths)} with *{window}*".replace("137 with", "137 samples with") in told("03")


def test_the_bandwidth_of_noise_and_the_tone_on_the_floor_are_told():
    hann = make_window("hann", 256, True)
    bandwidth = 256 * np.sum(hann**2) / np.sum(hann) ** 2
    assert f"Hann's noise bandwidth is {bandwidth:.1f} bins" in told("04")
    assert f"= {10 * np.log10(bandwidth):.2f} dB" in told("04")
    for scaling in ("spectrum", "density"):
        seconds = re.search(r"from [\d.]+ s on", FIGURES["floor"].scene(scaling=scaling).caption)[0]
        assert seconds in told("04")


@pytest.mark.parametrize(("step", "text"), [(64, "{:.2f} Hz with a step of 64"), (128, "{:.2f} Hz with 128")])
def test_the_frequency_that_bin_15_tells_is_told(step, text):
    between = make_synthetic("sine_between_bins")
    angles = STFTSpectrogram("angle", 256, step)(between.samples)[0, :, 15]
    turns = (np.diff(angles) / (2 * np.pi) - 15 * step / 256 + 0.5) % 1 - 0.5
    assert text.format(np.mean(15 * step / 256 + turns) * 16_000 / step) in told("04")


def test_the_refusal_and_the_shapes_of_the_choir_are_told():
    choir = load_recording("ambi_choir").samples
    layer = STFTSpectrogram()
    assert str(layer(choir.astype("float64")).shape) in told("05")
    with pytest.raises(TypeError, match="dtype") as refused:
        layer(choir.astype("int16"))
    assert str(refused.value) in told("05")
    assert str(STFTSpectrogram(padding="same").compute_output_shape((1, 2, 69_305))) in told("05")


def test_the_magnitudes_of_a_bin_apart_are_told():
    found = {}
    for window in ("boxcar", "hann"):
        caption = FIGURES["one_bin"].scene(bin_number=8, place=5.5, window=window).caption
        found[window] = float(re.search(r"= ([\d.]+) and the angle", caption)[1])
    assert "With *boxcar*: {boxcar:.3f} against {hann:.3f} with *hann*".format(**found) in told("06")


def test_the_frames_in_which_the_mirror_image_differs_are_told():
    ours = frozenset(("scale", "window"))
    apart = np.abs(aligning.theirs("torch", ours) - aligning.theirs("librosa", ours)).max(axis=1)
    assert np.flatnonzero(apart > 1e-12).tolist() == [0, 1]
    assert "In frames 0 and 1 and in no others" in told("09")


def test_the_widths_of_main_lobes_are_told():
    widths = [window_merits(make_window(name, 256, True)).null_width for name in ("boxcar", "hann", "blackmanharris")]
    assert "are {:.0f}, {:.0f} and {:.0f} bins broad".format(*widths) in told("03")


def test_the_page_says_what_a_step_that_is_too_long_is_told():
    with pytest.raises(ValueError, match="frame_step") as refused:
        STFTSettings(frame_length=16, frame_step=17)
    assert str(refused.value) in told("01")


@pytest.mark.parametrize(
    ("n_fft", "window", "text"),
    [
        (256, "boxcar", "falls by up to {:.1f} dB"),
        (1024, "boxcar", "with 1024 it is {:.1f} dB"),
        (256, "hann", "*hann* {:.1f} dB"),
        (256, "flattop", "*flattop* {:.2f} dB"),
    ],
)
def test_the_beads_of_a_chirp_are_told(n_fft, window, text):
    chirp = make_synthetic("linear_chirp")
    result = STFTSpectrogram("log", 256, 16, n_fft, window=window).spectrogram(chirp.samples, 16_000)
    highest = result.decibels().max(axis=1)[100:-100]
    assert text.format(highest.max() - highest.min()) in told("02")


def test_what_learning_by_heart_costs_is_told():
    course = when_training_helps.learn("low or high", 32, 1.0)
    assert "from {:.2f} before to {:.2f} after 20 steps".format(*course.losses[[0, -1], 1]) in told("07")
    before, *after = np.round(200 * course.rights[:, 1]).astype(int)
    assert f"{before} are told right before, {after[-1]} after" in told("07")
    assert f"{after[0]}, {after[1]} and 177 are right after 1, 2 and 3 steps, against {before} before" in told("07")


@pytest.mark.parametrize(("n_clips", "text"), [(8, "{} are told right after 20 steps with 8"), (32, "{} with 32")])
def test_what_few_clips_cost_is_told(n_clips, text):
    course = when_training_helps.learn("up or down", n_clips, 0.1)
    assert text.format(round(200 * course.rights[-1, 1])) in told("07")


def test_how_far_a_search_for_phases_gets_is_told():
    for momentum, moment in ((0.99, 0), (0.99, -1), (0.0, -1)):
        off = 100 * griffin_lim.convergences(512, 4, momentum)[moment]
        assert f"{off:.2g} %" in told("08")
    assert f"{100 * griffin_lim.convergences(512, 2, 0.99)[-1]:.1f} %" in told("08")


def test_the_errors_of_three_thresholds_are_told():
    voice = load_recording("voice").samples.astype("float64")
    layer = STFTSpectrogram("stft", 1024, 256, padding="same", dtype="float64")
    noisy = voice + 0.02 * np.random.default_rng(0).standard_normal(voice.shape)
    re, im = np.split(layer(noisy), 2, axis=-1)
    levels = []
    for times in (2, 3, 5):
        changed = np.where(np.hypot(re, im) > times * 0.02, re + 1j * im, 0)
        error = layer.inverse(changed, length=voice.shape[1]).signal - voice
        levels.append(20 * np.log10(np.linalg.norm(error) / np.linalg.norm(voice)))
    text = "{:.1f} dB at twice the noise, {:.1f} at three times, {:.1f} at five times"
    assert signed(text.format(*levels)) in told("08")


@pytest.mark.parametrize(("factor", "verdict"), [(1.0001, "disagrees"), (1.000001, "agrees")])
def test_from_where_on_a_broken_layer_agrees_is_told(factor, verdict):
    layer = STFTSpectrogram("log", 400, 160, 512)
    kernels = [np.array(kernel) for kernel in layer.get_weights()]
    kernels[0][:, :, 100] *= factor
    layer.set_weights(kernels)
    report = crosscheck(layer, load_recording("voice").samples, ["librosa"])["librosa"]
    assert report.verdict == verdict
    assert f"At {factor:.7g} they still disagree" in told("09") or f"at {factor:.7g} they agree" in told("09")


def mean_score(window, length, other):
    """Return the mean score of the eight mixtures that had no say, dB."""
    settings = STFTSettings("stft", length, length // 4, window=window, periodic=True, padding="same")
    pairs = [make_pair(other, delay, level) for delay in (0.08, 0.23, 0.38, 0.53) for level in (-6, 6)]
    return np.mean([signal_to_distortion(pair[0], separate(*pair, settings)[0]) for pair in pairs])


def test_what_two_errors_in_place_of_one_cost_is_told():
    cost = mean_score("blackman", 3072, "tabla_ghe1") - mean_score("hamming", 1536, "tabla_ghe1")
    assert f"with {cost:.1f} dB less on the unseen mixtures" in told("10")


def test_what_a_piano_asks_for_is_told():
    settings = (("blackman", 6144), ("hamming", 3072), ("hann", 256))
    scores = [mean_score(*each, "ambi_piano") for each in settings]
    assert "has {:.1f} dB, the best of the grid {:.1f} dB, the default {:.1f} dB".format(*scores) in told("10")
