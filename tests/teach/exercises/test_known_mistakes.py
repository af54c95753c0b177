"""Test that no case drawn gives a known wrong method the right answer.

Each method is written down here once more, from what the case displays, and shares no code with it.
"""

import math
import re
from functools import cache

import pytest
import scipy.signal

from specwidget.teach.exercises import EXERCISES, draw, judge

SEEDS = range(100)


def numbers(text):
    return [float(each) for each in re.findall(r"-?\d+\.?\d*", text)]


def lengths(case):
    facts = dict(case.facts)
    names = ("samples", "frame_length", "frame_step")
    return *(int(facts[name]) for name in names), facts["padding"]


def without_the_frame_in_the_modulus(case):
    n, _, step, _ = lengths(case)
    return n % step if "covered" in case.prompt else None


def centre_of_valid(case):
    return None if "covered" in case.prompt else lengths(case)[1] / 2


def centre_as_in_librosa(case):
    return None if "covered" in case.prompt else 0


def frames_of_the_other_padding(case):
    n, length, step, padding = lengths(case)
    return math.ceil(n / step) if padding == "valid" else (n - length) // step + 1


def frames_without_the_first(case):
    n, length, step, padding = lengths(case)
    return (n - length) // step if padding == "valid" else n // step


def half_the_spacing(case):
    rate, n_fft = (numbers(value)[0] for _, value in case.facts)
    given = numbers(case.prompt)[0]
    return given * rate / n_fft / 2 if "frequency of bin" in case.prompt else round(2 * given * n_fft / rate)


def one_bin_too_far(case):
    rate, n_fft = (numbers(value)[0] for _, value in case.facts)
    return case.solution - rate / n_fft if "frequency of bin" in case.prompt else case.solution + 1


def bins_without_the_last(case):
    """Predict the shape with N / 2 bins."""
    facts = dict(case.facts)
    channels_last, expanded = facts["data_format"] != "channels_first", facts["expand_dims"] == "True"
    shape = [int(each) for each in numbers(facts["inputs"])]
    channels = shape[-1] if channels_last else shape[1]
    values = int(numbers(facts["fft_length"])[0]) // 2 * (2 if facts["mode"] == "stft" else 1)
    place = {(True, True): 2, (True, False): 2, (False, True): 3, (False, False): 1}[channels_last, expanded]
    changed = list(case.solution)
    changed[place] = values if expanded else channels * values
    return tuple(changed)


def time_at_the_other_place(case):
    solution = case.solution
    if len(solution) == 3:
        return solution[0], solution[2], solution[1]
    last = dict(case.facts)["data_format"] != "channels_first"
    return (solution[0], solution[3], *solution[1:3]) if last else (solution[0], *solution[2:], solution[1])


LOBES = {"hann": 4, "hamming": 4, "blackman": 6, "blackmanharris": 8}
"""Widths of main lobes, bins, from table 1 of Harris (1978)."""


def one_bin_is_enough(case):
    facts = dict(case.facts)
    return numbers(facts["sample rate"])[0] / numbers(facts["sines"])[0]


def whole_lobe_is_needed(case):
    return LOBES[dict(case.facts)["window"]] * one_bin_is_enough(case)


def bins_of_half_the_width(case):
    return LOBES[dict(case.facts)["window"]] / 4 * one_bin_is_enough(case)


def other_scaling(case):
    facts = dict(case.facts)
    n, name = int(facts["frame_length"]), facts["window"].split(",")[0]
    window, amplitude = scipy.signal.get_window(name, n), numbers(facts["sine"])[0]
    sums = {"density": sum(window**2), "spectrum": sum(abs(window)) ** 2}
    del sums[facts["scaling"]]
    return amplitude**2 / 2 * sum(window) ** 2 / sums.popitem()[1]


def two_sided(case):
    return case.solution / 2


def bin_as_slow_index(case):
    channel, k = numbers(case.prompt)[:2]
    facts = dict(case.facts)
    n_bins = int(facts["fft_length"]) // 2 + 1
    offset = k + (n_bins if "imaginary" in case.prompt else 0)
    return offset * numbers(facts["channels C"])[0] + channel


def interleaved(case):
    channel, k = numbers(case.prompt)[:2]
    n_bins = int(dict(case.facts)["fft_length"]) // 2 + 1
    return channel * 2 * n_bins + 2 * k + ("imaginary" in case.prompt) if "part" in case.prompt else None


def other_kernel(case):
    name, n, k = re.search(r"(real|imag)_kernel\[(\d+), 0, (\d+)\]", case.prompt).groups()
    angle = 2 * math.pi * int(n) * int(k) / int(dict(case.facts)["fft_length"])
    return -math.sin(angle) if name == "real" else math.cos(angle)


def opposite_sign(case):
    return -case.solution


def without_the_sample(case):
    return case.solution / float(case.facts[-1][1])


def other_part(case):
    re_part, im_part = map(float, case.facts[2][1].split(" and "))
    return case.solution * (im_part / re_part if "real_kernel" in case.prompt else re_part / im_part)


def sum_of_the_other_power(case):
    facts = dict(case.facts)
    n, step = int(facts["frame_length"]), int(facts["frame_step"])
    window = scipy.signal.get_window(facts["window"].split(",")[0], n)
    return sum(window if "w\u00b2" in case.prompt else window**2) / step


def number_of_windows(case):
    facts = dict(case.facts)
    return int(facts["frame_length"]) / int(facts["frame_step"])


def sums_of_windows(case, power, *, symmetric):
    facts = dict(case.facts)
    n, step = int(facts["frame_length"]), int(facts["frame_step"])
    window = scipy.signal.get_window(facts["window"].split(",")[0], n, fftbins=not symmetric) ** power
    return [sum(window[first::step]) for first in range(step)]


def holds(sums):
    """Say whether NOLA and COLA hold, from the sums of squared windows and of windows."""
    squares, plain = sums
    nola, cola = min(squares) > 1e-7 * max(squares), max(plain) - min(plain) < 1e-6 * max(plain)
    return ("NOLA and COLA" if nola else "only COLA") if cola else "only NOLA" if nola else "neither"


def form_is_forgotten(case):
    """Take the window for the other form, where that makes COLA hold or fail."""
    is_symmetric = "symmetric" in dict(case.facts)["window"]
    found = holds([sums_of_windows(case, power, symmetric=not is_symmetric) for power in (2, 1)])
    return found if "COLA" in case.solution and "COLA" not in found else None


def frames_that_meet_are_enough(case):
    return "only NOLA" if case.solution == "neither" else None


def nola_is_cola(case):
    return "neither" if case.solution == "only NOLA" else None


def centre_without_padding(case):
    is_ours = (
        dict(case.facts)["library"].startswith("scipy.signal.spectrogram")
        or case.solution == numbers(dict(case.facts)["frame length"])[0] / 2
    )
    return None if is_ours else numbers(dict(case.facts)["frame length"])[0] / 2


def centre_of_the_fft(case):
    return numbers(dict(case.facts)["FFT length"])[0] / 2


def opposite_angle(case):
    return (-case.solution) % 360


def no_angle(case):
    return 0


def best_score(case):
    return next(length for length, text in case.facts if text == "the best")


def shortest_frame(case):
    return case.facts[0][0]


def equidistant_in_hertz(case):
    facts = dict(case.facts)
    top, n_bands = numbers(facts["range"])[1], int(facts["bands"])
    return (numbers(case.prompt)[0] + 1) * top / (n_bands + 1)


def narrowest_band(case):
    return next(name.split()[1] for name, _ in case.facts if name.startswith("band "))


def sum_of_amplitudes(case):
    return sum(numbers(dict(case.facts)["amplitudes"]))


def amplitudes_at_another_angle(case):
    first, second = numbers(dict(case.facts)["amplitudes"])
    return abs(first - second) if "180" not in case.facts[2][1] else math.hypot(first, second)


def unchanged_frequency(case):
    return numbers(case.prompt)[0]


def again_from_zero(case):
    return numbers(case.prompt)[0] % (numbers(case.facts[0][1])[0] / 2)


def the_other_factor(case):
    return (10 if "amplitude of" in case.prompt else 20) * math.log10(float(case.facts[0][1]))


def natural_logarithm(case):
    return (20 if "amplitude of" in case.prompt else 10) * math.log(float(case.facts[0][1]))


def average_of_the_products(case):
    return numbers(case.facts[1][1])[0] / 2


def both_halves(case):
    return numbers(case.facts[1][1])[0] * int(case.facts[0][1])


def recordings_count_equally(case):
    """Average the two means, or the two deviations, whatever the lengths are."""
    place = 1 if "mean of" in case.prompt else 2
    return sum(numbers(text)[place] for _, text in case.facts) / 2


def spread_of_the_means_is_forgotten(case):
    recordings = [numbers(text) for _, text in case.facts]
    mean_square = sum(n * deviation**2 for n, _, deviation in recordings) / sum(n for n, _, _ in recordings)
    return math.sqrt(mean_square) if "deviation of" in case.prompt else None


def every_other_choice(case):
    return [choice for choice in case.choices if choice != case.solution]


WRONG_METHODS = {
    "sum_of_sines": (sum_of_amplitudes, amplitudes_at_another_angle),
    "alias": (unchanged_frequency, again_from_zero),
    "level": (the_other_factor, natural_logarithm, opposite_sign),
    "dft_value": (average_of_the_products, both_halves),
    "frame_count": (frames_of_the_other_padding, frames_without_the_first),
    "framing": (without_the_frame_in_the_modulus, centre_of_valid, centre_as_in_librosa),
    "output_shape": (bins_without_the_last, time_at_the_other_place),
    "bin_frequency": (half_the_spacing, one_bin_too_far),
    "window_response": (every_other_choice,),
    "frame_length_from_spectrogram": (every_other_choice,),
    "resolution": (one_bin_is_enough, whole_lobe_is_needed, bins_of_half_the_width),
    "scaling": (other_scaling, two_sided),
    "value_index": (bin_as_slow_index, interleaved),
    "kernel_value": (other_kernel, opposite_sign),
    "kernel_gradient": (without_the_sample, other_part),
    "overlap_sum": (sum_of_the_other_power, number_of_windows),
    "nola_cola": (form_is_forgotten, frames_that_meet_are_enough, nola_is_cola),
    "library_framing": (centre_without_padding, centre_of_the_fft),
    "phase_shift": (opposite_angle, no_angle),
    "one_standard_error": (best_score, shortest_frame),
    "band_centre": (equidistant_in_hertz,),
    "empty_band": (narrowest_band, every_other_choice),
    "which_switch": (every_other_choice,),
    "corpus_statistics": (recordings_count_equally, spread_of_the_means_is_forgotten),
}
"""The methods by exercise. Each takes a case and returns its answer, None where it does not apply."""


@cache
def cases_of(name):
    return [draw(name, seed) for seed in SEEDS]


def wrong_answers(method, case):
    found = method(case)
    return found if isinstance(found, list) else [] if found is None else [found]


def test_every_exercise_has_wrong_methods():
    assert WRONG_METHODS.keys() == EXERCISES.keys()


@pytest.mark.parametrize(("name", "method"), [(name, each) for name in WRONG_METHODS for each in WRONG_METHODS[name]])
def test_a_wrong_method_gives_another_answer_in_every_case(name, method):
    pairs = [(case, answer) for case in cases_of(name) for answer in wrong_answers(method, case)]
    assert len(pairs) >= len(SEEDS) // 5
    assert [(case.seed, answer) for case, answer in pairs if judge(case, answer).right is not False] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG_METHODS)
def test_every_case_tells_at_least_one_mistake(name):
    for case in cases_of(name):
        assert [answer for method in WRONG_METHODS[name] for answer in wrong_answers(method, case)], case.seed


NAMED = (
    "frame_count",
    "framing",
    "level",
    "scaling",
    "kernel_value",
    "overlap_sum",
    "alias",
    "resolution",
    "nola_cola",
)


@pytest.mark.parametrize("name", NAMED)
def test_a_known_mistake_is_named_at_once(name):
    for method in WRONG_METHODS[name]:
        for case in cases_of(name):
            for answer in wrong_answers(method, case):
                assert any(judge(case, answer).reasoning.startswith(text) for _, text in case.mistakes), case
