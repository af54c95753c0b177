"""Rates, confusions, false claims and times of `identify` over arrays drawn at random.

``python -m tests.matching.measure --seeds 0 100`` prints a line for each failure, and the rates.
"""

import argparse
import json
import sys
import time
import warnings
from collections import Counter
from pathlib import Path

import numpy as np

from specwidget import identify
from tests.matching.arrays import NEGATIVES, REPEATABLE, SOURCES, VARIATIONS, draw, draw_negative, vary


def relative_error(found, expected):
    if found.shape != expected.shape:
        return np.inf
    # Sums of float16 would be beyond its largest number.
    found, expected = (np.asarray(each, dtype=np.result_type(each.dtype, np.float64)) for each in (found, expected))
    spread = np.std(expected)
    return float(np.sqrt(np.mean(np.abs(found - expected) ** 2)) / spread) if spread > 0 else np.inf


def judge(case):
    """Identify an array, and apply the answer to another signal; return a record."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        array = case.array
        started = time.process_time()
        answer = identify(array, case.signal, case.rate)
        seconds = time.process_time() - started
        other = None
        if answer.level == "found" and case.kind in REPEATABLE:
            expected = case.make(case.other)
            try:
                other = relative_error(np.asarray(answer.apply(case.other)), np.asarray(expected))
            except ValueError as error:
                other = f"{error}"
    frames = min(answer_frames(array), 10**6)
    return {
        "seed": case.seed,
        "source": case.source,
        "text": case.text,
        "kind": case.kind,
        "shape": list(array.shape),
        "frames": frames,
        "level": answer.level,
        "error": answer.error,
        "seconds": seconds,
        "other": other,
        "undetermined": [each.switch for each in answer.undetermined],
        "nearest": answer.nearest,
        "settings": [list(each) for each in answer.settings],
        "rivals": [f"{r.switch}: {r.value} {r.error:.1e}" for r in answer.rivals[:2]],
        "notes": list(answer.notes),
        "conventions": list(answer.conventions),
    }


def answer_frames(array):
    """The number of frames, as the smaller of the last axes that may be one: counted apart where it is below 20."""
    shape = [length for length in array.shape if length > 1]
    if shape and shape[-1] == 2:
        shape = shape[:-1]
    return min(shape[-2:])


def summarize(records):
    lines = []
    for name, chosen in (
        ("20 frames or more", [r for r in records if r["frames"] >= 20]),
        ("fewer", [r for r in records if r["frames"] < 20]),
    ):
        if chosen:
            found = sum(r["level"] == "found" for r in chosen)
            lines.append(f"{name}: found {found} of {len(chosen)}, {found / len(chosen):.1%}")
    for source in (*SOURCES, *VARIATIONS, *NEGATIVES):
        chosen = [r for r in records if source in (r["source"], r["kind"])]
        if chosen:
            lines.append(f"  {source}: {sum(r['level'] == 'found' for r in chosen)} of {len(chosen)}")
    times = np.array([r["seconds"] for r in records])
    median, most = np.quantile(times, [0.5, 0.95])
    lines.append(f"CPU time: median {median:.2f} s, 95 % under {most:.2f} s, at most {times.max():.2f} s")
    claims = [r for r in records if r["level"] == "found" and r["other"] is not None]
    wrong = [r for r in claims if not is_equal(r)]
    said = [r for r in wrong if r["undetermined"]]
    lines.append(
        f"claims applied to another signal: {len(claims)}; equal: {len(claims) - len(wrong)}; differing where a switch "
        f"was named as undetermined: {len(said)}; false: {len(wrong) - len(said)}"
    )
    levels = Counter(r["level"] for r in records)
    lines.append(f"levels: {dict(levels)}")
    return lines


def cases(arguments):
    """Yield the arrays that the command line asks for."""
    for seed in range(*arguments.seeds):
        if arguments.negatives:
            yield draw_negative(seed)
        elif arguments.variations:
            yield vary(seed, VARIATIONS[seed % len(VARIATIONS)])
        else:
            yield draw(seed, arguments.source)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, nargs=2, default=(0, 50))
    parser.add_argument("--source", choices=list(SOURCES))
    parser.add_argument("--variations", action="store_true", help="cropped, padded and otherwise changed arrays")
    parser.add_argument("--negatives", action="store_true", help="arrays that no settings make")
    parser.add_argument("--out", type=Path, help="file to which a line of JSON is added for each array")
    parser.add_argument("--read", type=Path, nargs="*", help="only summarize such files")
    arguments = parser.parse_args()
    if arguments.read:
        records = [json.loads(line) for path in arguments.read for line in path.read_text().splitlines()]
    else:
        records = []
        for case in cases(arguments):
            records.append(judge(case))
            print_record(records[-1])
            if arguments.out:
                with arguments.out.open("a") as file:
                    file.write(json.dumps(records[-1], default=str) + "\n")
    print("\n".join(summarize(records)))


def print_record(record):
    """Print an array that was not found, or took long, or whose answer differs on another signal."""
    bad_claim = record["level"] == "found" and record["other"] is not None and not is_equal(record)
    if record["level"] != "found" or bad_claim or record["seconds"] > 5:
        settings = "; ".join(f"{name}={value}" for name, value in record["settings"])
        print(
            f"{record['seed']} {record['source']} {record['kind']} {record['level']} e={record['error']:.1e} "
            f"other={record['other']} {record['seconds']:.1f}s {record['shape']} {record['text']}\n    -> {settings} "
            f"| open {record['undetermined']} | {record['rivals']} | {record['notes']}",
            flush=True,
        )


def is_equal(record):
    """Return whether an answer gives the pipeline's array of another signal."""
    return isinstance(record["other"], float) and record["other"] < 1e-3


if __name__ == "__main__":
    sys.exit(main())
