"""Test the teacher's page: its table, answers and examples match the course."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from specwidget import STFTSettings, STFTSpectrogram, crosscheck
from specwidget.sounds import load_recording, make_synthetic
from specwidget.stft.window_merits import window_merits
from specwidget.stft.windows import make_window
from specwidget.teach.exercises import EXERCISES, check, draw, judge
from specwidget.teach.figures import FIGURES
from specwidget.teach.masking import make_pair, separate, signal_to_distortion
from specwidget.teach.scenes import griffin_lim, leakage, library_alignment, overfitting
from specwidget.teach.score import Score, save_score
from specwidget.teach.two_tone import MIN_DIP_DB, dip_between_clicks, dip_between_sines

FOLDER = Path(__file__).parents[1] / "notebooks"
PAGE = (FOLDER / "TEACHING.md").read_text(encoding="utf-8")
BEFORE, _, ANSWERS = PAGE.partition("\n## Answers\n")
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"), key=lambda path: path.stem.replace("explore", "03_z"))
"""All notebooks in the order of the course: explore follows the foundations, the lecture is last."""

LESSONS = [path for path in NOTEBOOKS if path.stem != "explore"]

ROW = re.compile(r"^\| \[([^\]]+)\]\(([\w.]+)\) \| (.+?) \| (\d+) \| (.+?) \|$", re.MULTILINE)
MAP_ROW = re.compile(r"^\| \[([^\]]+)\]\(([\w.]+)\) \| (.+?) \| (\d+) \|$", re.MULTILINE)
ASKED = re.compile(r"\bask\(\"(\w+)\", (?:seed=)?(\d+)\)")
ANSWERED = re.compile(r"^\| `ask\(\"(\w+)\", (\d+)\)` \| (.+?) \| .+ \|$", re.MULTILINE)
BLOCK = re.compile(r"^( *)```python\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def sources(notebook):
    """Text of each cell."""
    return ["".join(cell["source"]) for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]]


def name_of(notebook):
    """Name of a notebook on the page."""
    return notebook.stem.replace("_", " ")


def answers_of(notebook):
    """Answers to a notebook as one line."""
    (found,) = re.findall(rf"^### {notebook}[^\n]*\n(.*?)(?=^### |\Z)", ANSWERS, re.MULTILINE | re.DOTALL)
    return " ".join(found.split())


def with_minus(text):
    """Replace hyphens by the minus sign that the page uses."""
    return text.replace("-", "−")


def example(start):
    """Return the code block that starts with a text."""
    (found,) = [code for _, code in BLOCK.findall(PAGE) if code.lstrip().startswith(start)]
    indent = re.match(" *", found)[0]
    return re.sub(rf"^{indent}", "", found, flags=re.MULTILINE)


def run(code):
    """Run a code block and return its namespace."""
    names = {}
    exec(code, names)
    return names


def test_the_table_lists_every_notebook_in_order_with_its_question():
    listed = [(name, link, question) for name, link, question, *_ in ROW.findall(BEFORE)]
    assert listed == [(name_of(path), path.name, sources(path)[0].splitlines()[0][2:]) for path in NOTEBOOKS]


def test_times_and_questions_agree_with_the_table_in_explore():
    rows = {link: (name, question, minutes) for name, link, question, minutes, _ in ROW.findall(BEFORE)}
    mapped = {link: tuple(rest) for name, link, *rest in MAP_ROW.findall(sources(FOLDER / "explore.ipynb")[-1])}
    assert len(mapped) == len(NOTEBOOKS) - 1
    assert {link: rows[link][1:] for link in mapped} == mapped


def test_times_agree_with_the_notebooks():
    minutes = {link: number for _, link, _, number, _ in ROW.findall(BEFORE)}
    own = {path.name: re.findall(r"\*\*Time:\*\* (\d+) minutes", sources(path)[0]) for path in LESSONS}
    assert own == {name: [number] for name, number in minutes.items() if name != "explore.ipynb"}


def test_prerequisites_agree_with_the_notebooks():
    before = {link: set(re.findall(r"\d\d|explore", text)) for _, link, _, _, text in ROW.findall(BEFORE)}
    for path in LESSONS:
        asked = re.findall(r"\[([^\]]+)\]\(([^)]+)\)", sources(path)[0].partition("**Prerequisites:**")[2])
        assert before[path.name] == {name_of(Path(link)).split()[0] for _, link in asked}, path.name
        assert [Path(text).stem for text, _ in asked] == [Path(link).stem for _, link in asked]


LESSON = re.compile(r"^(\d)\. ([^(\n]+) \((\d+)\):(.*(?:\n   .*)*)", re.MULTILINE)
NUMBER = re.compile(r"\b\d\d(?!\d)|explore")


def test_lesson_plans_add_up_and_come_after_what_they_need():
    rows = [(NUMBER.match(link)[0], int(number), text) for _, link, _, number, text in ROW.findall(BEFORE)[:-1]]
    minutes = {name: number for name, number, _ in rows}
    needed = {name: set(NUMBER.findall(text)) for name, _, text in rows}
    done = set()
    for number, names, total, text in LESSON.findall(BEFORE.partition("## Lesson plans")[2].partition("\n## ")[0]):
        lesson, homework = NUMBER.findall(names), NUMBER.findall(text.partition("Homework:")[2])
        if number == "1":
            # Whoever knows what a bin and a decibel are begins with explore.
            done = {"01", "02", "03"} if lesson[0] == "explore" else set()
        assert sum(minutes[each] for each in lesson) == int(total), names
        for each in (*lesson, *homework):
            assert needed[each] <= done, (names, each)
            done.add(each)


def test_the_duration_of_the_course_is_its_sum():
    total = sum(int(number) for _, link, _, number, _ in ROW.findall(BEFORE) if link != "lecture.ipynb")
    assert round(total / 60) == 11
    assert "The whole course takes eleven hours without the lecture" in BEFORE


@pytest.mark.parametrize("part", [BEFORE, ANSWERS], ids=["before the answers", "answers"])
def test_every_notebook_has_a_section(part):
    named = re.findall(r"^(?:\*\*|### )(explore|lecture|\d\d [a-z ]+)(?:\.\*\*|$)", part, re.MULTILINE)
    assert named == [name_of(path) for path in NOTEBOOKS]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_try_task_has_an_answer(notebook):
    for number in "123":
        assert f"*Try {number}" in answers_of(name_of(notebook))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_answers_are_those_of_the_exercises_in_the_notebook(notebook):
    section = ANSWERS.partition(f"\n### {name_of(notebook)}\n")[2].partition("\n### ")[0]
    answered = [(kind, seed) for kind, seed, _ in ANSWERED.findall(section)]
    assert answered == ASKED.findall("\n".join(sources(notebook)))


def test_the_answers_are_right():
    found = ANSWERED.findall(ANSWERS)
    judged = {(kind, seed): judge(draw(kind, int(seed)), answer).right for kind, seed, answer in found}
    assert judged == dict.fromkeys(judged, True)


def test_answers_are_in_the_separate_part_only():
    assert not ANSWERED.findall(BEFORE)
    assert "*Try 1" not in BEFORE


def test_the_example_prints_the_scores_of_a_folder(tmp_path, monkeypatch, capsys):
    (tmp_path / "handed-in").mkdir()
    save_score(
        "Ada", tmp_path / "handed-in" / "ada.json", Score({("frame_count", 3): ["80"], ("alias", 1): ["1", "2"]})
    )
    monkeypatch.chdir(tmp_path)
    run(example("from pathlib import Path"))
    assert capsys.readouterr().out == "Ada 1 of 2 right\n"


def test_the_solution_of_the_task_for_nbgrader_is_right():
    (answer,) = re.findall(r'^ *answer = "(.+)"$', BEFORE, re.MULTILINE)
    (name, seed) = re.findall(r'check\("(\w+)", (\d+), answer\)', BEFORE)[0]
    assert check(name, int(seed), answer).right


TERM = re.compile(r"^\| ([^|]+) \| (\d\d|explore) \|$", re.MULTILINE)


def test_no_notebook_uses_a_term_before_it_is_explained():
    place = {path.stem[:2] if path in LESSONS else "explore": i for i, path in enumerate(NOTEBOOKS)}
    early = []
    for terms, explained in TERM.findall(BEFORE):
        for term in terms.split(", "):
            # As a whole word, in text: `argument`, links and the titles of references are no use of a term.
            found = re.compile(rf"(?<![\w`/.-]){re.escape(term)}(s|es|ed)?(?![\w`.-]*[_`/])", re.IGNORECASE)
            for path in NOTEBOOKS[: place[explained]]:
                used = [text for text in texts_of(path) if found.search(text)]
                early += [(term, path.stem, used[0][:80])] if used else []
            assert any(found.search(text) for text in texts_of(NOTEBOOKS[place[explained]])), term
    assert early == []


def texts_of(notebook):
    """Text cells without the references, links, code and overview."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    texts = [re.split(r"\n\*\*References\*\*|\n## The course", text)[0] for text in texts]
    # What the lesson is going to explain is named before.
    promised = r"\*\*At the end you can\*\*.*?(?=\n\n\*\*Time)"
    return [re.sub(rf"\]\([^)]*\)|`[^`]*`|{promised}", "", text, flags=re.DOTALL) for text in texts]


def test_the_example_exercise_passes_its_test(monkeypatch):
    made = run(example('"""Exercise: compute'))["EXERCISE"]
    assert made.name not in EXERCISES
    monkeypatch.setitem(EXERCISES, made.name, made)
    run(example('"""Test the bin spacing'))["test_the_solution_is_the_spacing_of_rfftfreq"]()
    for seed in range(40):
        case = draw(made.name, seed)
        assert judge(case, case.solution).right
        assert [judge(case, wrong).right for wrong, _ in case.mistakes] == [False]


def test_the_example_figure_draws_and_plays_the_windowed_sine():
    figure = run(example('"""Figure: a windowed sine'))["FIGURE"]
    assert figure.name not in FIGURES
    scene = figure.scene(window="boxcar")
    samples = np.sin(2 * np.pi * 200 / 8000 * np.arange(800))
    assert scene.axes[0].items[0].y == pytest.approx(samples, abs=1e-9)
    assert scene.caption == "The first sample is 0.00, the maximum 1.00."
    samples_played = figure.sounds["Play the sine"](**figure.defaults | {"window": "boxcar"}).samples
    assert samples_played == pytest.approx(0.8 * samples, abs=1e-9)


def test_the_answers_have_the_output_shape_of_the_voice():
    layer = STFTSpectrogram(frame_length=400, frame_step=160)
    assert str(layer.compute_output_shape(load_recording("voice").samples.shape)) in answers_of("04")


def test_the_levels_of_a_click_near_the_end_are_correct():
    levels = {}
    for padding in ("valid", "same"):
        for place in (15_300, 15_200):
            signal = 0.1 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
            signal[place] = 1.0
            result = STFTSpectrogram("log", 2048, padding=padding).spectrogram(signal[None, :, None], 16_000)
            levels[padding, place] = result.decibels()[:, result.frequencies > 4000].max()
    near, far = f"{levels['valid', 15_300]:.1f} dB", f"{levels['valid', 15_200]:.1f} dB"
    assert with_minus(near) in answers_of("04")
    assert with_minus(f"{far}; with *same* {levels['same', 15_200]:.0f} dB") in answers_of("04")


def test_the_comparison_of_windows_between_bins_is_correct():
    levels = {window: leakage.bin_levels(3625.0, 64, window, 64) for window in leakage.WINDOWS}
    lowest = sorted(levels, key=lambda window: levels[window][28])[:2]
    text = "Lowest at 7000 Hz is *{}*, {:.1f} dB (*{}* {:.1f}, *boxcar* {:.1f})"
    (best, second), far = lowest, [levels[window][28] for window in (*lowest, "boxcar")]
    assert with_minus(text.format(best, far[0], second, *far[1:])) in answers_of("05")
    above = {window: int((found > -20).sum()) for window, found in levels.items()}
    assert {window for window, n in above.items() if n == 2} == {"bartlett", "cosine"}
    assert {window for window, n in above.items() if n == 6} == {"boxcar", "flattop"}
    assert set(above.values()) == {2, 4, 6}


def resolving_lengths(dip, window, gap, lengths):
    """List the window lengths that resolve two components."""
    return [n for n in lengths if dip(make_window(window, n, False), gap(n)) >= MIN_DIP_DB]


def test_the_frame_lengths_that_resolve_both_pairs_are_correct():
    both_resolved = {}
    for window in leakage.WINDOWS:
        sines = resolving_lengths(dip_between_sines, window, lambda n: 100 * n / 8000, range(16, 400))
        clicks = resolving_lengths(dip_between_clicks, window, lambda n: 80, range(16, 400))
        both_resolved[window] = sorted(set(sines) & set(clicks))
    assert both_resolved.pop("hann") == [161]
    assert {window for window, both in both_resolved.items() if not both} == {"boxcar", "cosine", "flattop"}
    for window, both in both_resolved.items():
        assert not both or f"*{window}* ({both[0]} to {both[-1]})" in answers_of("06")


@pytest.mark.parametrize("window", ["boxcar", "hann", "blackmanharris"])
def test_the_shortest_frame_that_resolves_the_close_sines_is_correct(window):
    lengths = (n for n in range(32, 1025) if dip_between_sines(make_window(window, n, True), 70 * n / 8000) >= 3)
    assert f"{next(lengths)} with *{window}*".replace("137 with", "137 samples with") in answers_of("06")


def test_the_noise_bandwidth_and_the_times_on_the_floor_are_correct():
    hann = make_window("hann", 256, True)
    bandwidth = 256 * np.sum(hann**2) / np.sum(hann) ** 2
    assert f"Hann's noise bandwidth is {bandwidth:.1f} bins" in answers_of("09")
    assert f"= {10 * np.log10(bandwidth):.2f} dB" in answers_of("09")
    for scaling in ("spectrum", "density"):
        seconds = re.search(r"from [\d.]+ s on", FIGURES["floor"].scene(scaling=scaling).caption)[0]
        assert seconds in answers_of("09")


@pytest.mark.parametrize(("step", "text"), [(64, "{:.2f} Hz with a step of 64"), (128, "{:.2f} Hz with 128")])
def test_the_frequency_from_the_phase_of_bin_15_is_correct(step, text):
    between = make_synthetic("sine_between_bins")
    angles = STFTSpectrogram("angle", 256, step)(between.samples)[0, :, 15]
    turns = (np.diff(angles) / (2 * np.pi) - 15 * step / 256 + 0.5) % 1 - 0.5
    assert text.format(np.mean(15 * step / 256 + turns) * 16_000 / step) in answers_of("09")


def test_the_error_and_the_shapes_of_the_choir_are_correct():
    choir = load_recording("ambi_choir").samples
    layer = STFTSpectrogram()
    assert str(layer(choir.astype("float64")).shape) in answers_of("11")
    with pytest.raises(TypeError, match="dtype") as refused:
        layer(choir.astype("int16"))
    assert str(refused.value) in answers_of("11")
    assert str(STFTSpectrogram(padding="same").compute_output_shape((1, 2, 69_305))) in answers_of("11")


def test_the_magnitudes_with_two_windows_are_correct():
    found = {}
    for window in ("boxcar", "hann"):
        caption = FIGURES["one_bin"].scene(bin_number=8, sine_bin=5.5, window=window).caption
        found[window] = float(re.search(r"= ([\d.]+) and the angle", caption)[1])
    assert "With *boxcar*: {boxcar:.3f} against {hann:.3f} with *hann*".format(**found) in answers_of("12")


def test_the_frames_affected_by_reflection_are_correct():
    ours = frozenset(("scale", "window"))
    apart = np.abs(library_alignment.library_stft("torch", ours) - library_alignment.library_stft("librosa", ours)).max(
        axis=1
    )
    assert np.flatnonzero(apart > 1e-12).tolist() == [0, 1]
    assert "In frames 0 and 1 and in no others" in answers_of("15")


def test_the_widths_of_main_lobes_are_correct():
    widths = [window_merits(make_window(name, 256, True)).null_width for name in ("boxcar", "hann", "blackmanharris")]
    assert "are {:.0f}, {:.0f} and {:.0f} bins wide".format(*widths) in answers_of("06")


def test_the_error_for_a_step_that_is_too_long_is_correct():
    with pytest.raises(ValueError, match="frame_step") as refused:
        STFTSettings(frame_length=16, frame_step=17)
    assert str(refused.value) in answers_of("04")


@pytest.mark.parametrize(
    ("n_fft", "window", "text"),
    [
        (256, "boxcar", "falls by up to {:.1f} dB"),
        (1024, "boxcar", "with 1024 it is {:.1f} dB"),
        (256, "hann", "*hann* {:.1f} dB"),
        (256, "flattop", "*flattop* {:.2f} dB"),
    ],
)
def test_the_scalloping_of_a_chirp_is_correct(n_fft, window, text):
    chirp = make_synthetic("linear_chirp")
    result = STFTSpectrogram("log", 256, 16, n_fft, window=window).spectrogram(chirp.samples, 16_000)
    highest = result.decibels().max(axis=1)[100:-100]
    assert text.format(highest.max() - highest.min()) in answers_of("05")


def test_the_losses_and_accuracies_of_overfitting_are_correct():
    training = overfitting.train("low or high", 32, 1.0)
    assert "from {:.2f} before to {:.2f} after 20 steps".format(*training.losses[[0, -1], 1]) in answers_of("13")
    before, *after = np.round(200 * training.accuracies[:, 1]).astype(int)
    assert f"{before} are correct before, {after[-1]} after" in answers_of("13")
    assert f"{after[0]}, {after[1]} and 177 are correct after 1, 2 and 3 steps, against {before} before" in answers_of(
        "13"
    )


@pytest.mark.parametrize(("n_clips", "text"), [(8, "{} are correct after 20 steps with 8"), (32, "{} with 32")])
def test_the_accuracy_with_few_clips_is_correct(n_clips, text):
    training = overfitting.train("up or down", n_clips, 0.1)
    assert text.format(round(200 * training.accuracies[-1, 1])) in answers_of("13")


def test_the_errors_of_griffin_lim_are_correct():
    for momentum, checkpoint in ((0.99, 0), (0.99, -1), (0.0, -1)):
        off = 100 * griffin_lim.convergences(512, 4, momentum)[checkpoint]
        assert f"{off:.2g} %" in answers_of("14")
    assert f"{100 * griffin_lim.convergences(512, 2, 0.99)[-1]:.1f} %" in answers_of("14")


def test_the_errors_of_three_thresholds_are_correct():
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
    assert with_minus(text.format(*levels)) in answers_of("14")


@pytest.mark.parametrize(("factor", "verdict"), [(1.0001, "disagrees"), (1.000001, "agrees")])
def test_the_smallest_detectable_change_of_a_kernel_is_correct(factor, verdict):
    layer, modified = (STFTSpectrogram("log", 400, 160, 512) for _ in range(2))
    kernels = [np.array(kernel) for kernel in layer.get_weights()]
    kernels[0][:, :, 100] *= factor
    modified.set_weights(kernels)
    voice = load_recording("voice").samples
    report = crosscheck(layer, voice, ["librosa"], output=modified(voice))["librosa"]
    assert report.verdict == verdict
    assert f"At {factor:.7g} they still disagree" in answers_of("15") or f"at {factor:.7g} they agree" in answers_of(
        "15"
    )


def mean_score(window, length, other):
    """Mean score of the eight mixtures with other delays, dB."""
    settings = STFTSettings("stft", length, length // 4, window=window, periodic=True, padding="same")
    pairs = [make_pair(other, delay, level) for delay in (0.08, 0.23, 0.38, 0.53) for level in (-6, 6)]
    return np.mean([signal_to_distortion(pair[0], separate(*pair, settings)[0]) for pair in pairs])


def test_the_cost_of_two_standard_errors_is_correct():
    cost = mean_score("blackman", 3072, "tabla_ghe1") - mean_score("hamming", 1536, "tabla_ghe1")
    assert f"with {cost:.1f} dB less on the other delays" in answers_of("16")


def test_the_scores_with_the_piano_are_correct():
    settings = (("blackman", 6144), ("hamming", 3072), ("hann", 256))
    scores = [mean_score(*each, "ambi_piano") for each in settings]
    assert "has {:.1f} dB, the best of the grid {:.1f} dB, the default {:.1f} dB".format(*scores) in answers_of("16")
