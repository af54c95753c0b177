"""Try the distributions as a user gets them: `python -m tests.release_check`.

They are built and checked, and the wheel is installed with its dependencies into an empty environment of each Python
that is found; there the README's quick start and the commands run, and those on corpora with their extra.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import hatch_build
import specwidget

CLONE = Path(specwidget.__file__).parents[1]
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
FIND_SOUND = """
from pathlib import Path
from specwidget.sounds import recordings
print(next(Path(recordings.__file__).parent.rglob("voice*")))
"""
SAVE_SETTINGS = """
from specwidget import STFTSpectrogram
from specwidget.export import save_settings
save_settings(STFTSpectrogram("log", 400, 160, 512), "front-end.json")
"""
LOAD_FEATURES = """
from specwidget.corpus import load
assert all(values.shape[1] % 257 == 0 for values in load("features.zarr").values())
"""
COMMANDS = (
    ("specwidget", "--version"),
    (
        "specwidget",
        "show",
        "{sound}",
        "--mode",
        "psd",
        "--frame-length",
        "25ms",
        "--overlap",
        "60%",
        "-o",
        "figure.png",
    ),
    ("specwidget", "check", "{sound}", "--frame-length", "400", "--frame-step", "160"),
    ("specwidget", "code", "{sound}", "--target", "scipy"),
    ("python", "-m", "specwidget", "show", "--help"),
)

CORPUS = (
    ("specwidget", "corpus", "survey", "{sounds}", "--settings", "front-end.json", "-o", "report.html"),
    ("specwidget", "corpus", "write", "{sounds}", "features.zarr", "--settings", "front-end.json"),
)


def run(*command, cwd):
    """Run a command outside the clone, and end with its output if it fails."""
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, timeout=1800)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def find_pythons():
    """Return the interpreters that are found, by version."""
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = {name: shutil.which(f"python{name}") for name in VERSIONS if name != here}
    return {here: sys.executable, **{name: path for name, path in found.items() if path and works(path)}}


def works(python):
    """Return whether an interpreter runs: a version manager may have only its name."""
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


def quick_start():
    """Return the code of the README's quick start."""
    readme = (CLONE / "README.md").read_text(encoding="utf-8")
    return re.search(r"^## Quick start$.*?^```python\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)[1]


def check_python(python, wheel, folder):
    """Install the wheel into an empty environment, and use it there."""
    run(python, "-m", "venv", folder / "env", cwd=folder)
    programs = folder / "env" / "bin"
    run(programs / "python", "-m", "pip", "install", "--quiet", wheel, cwd=folder)
    run(programs / "python", "-m", "pip", "check", cwd=folder)
    run(programs / "python", "-c", quick_start(), cwd=folder)
    sound = run(programs / "python", "-c", FIND_SOUND, cwd=folder).strip()
    for name, *arguments in COMMANDS:
        run(programs / name, *(each.format(sound=sound) for each in arguments), cwd=folder)
    assert (folder / "figure.png").stat().st_size > 5000
    run(programs / "python", "-m", "pip", "install", "--quiet", f"{wheel}[corpus]", cwd=folder)
    run(programs / "python", "-c", SAVE_SETTINGS, cwd=folder)
    for name, *arguments in CORPUS:
        run(programs / name, *(each.format(sounds=Path(sound).parent) for each in arguments), cwd=folder)
    assert (folder / "report.html").stat().st_size > 5000
    run(programs / "python", "-c", LOAD_FEATURES, cwd=folder)


def main():
    """Build and try."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(sys.executable, "-m", "build", "--outdir", folder / "dist", CLONE, cwd=folder)
        files = sorted((folder / "dist").iterdir())
        run(sys.executable, "-m", "twine", "check", "--strict", *files, cwd=folder)
        wheel = next(path for path in files if path.suffix == ".whl")
        print(f"{wheel.name}, {wheel.stat().st_size / 2**20:.1f} MiB: built, and its description can be shown")
        for version, python in find_pythons().items():
            place = folder / version
            place.mkdir()
            check_python(python, wheel, place)
            print(f"Python {version}: installed, quick start and {len(COMMANDS + CORPUS)} commands run")
    if not hatch_build.is_known((CLONE / "pyproject.toml").read_text(encoding="utf-8")):
        print(
            "Before a release: fill in the address of the repository in pyproject.toml, then `python hatch_build.py`."
        )


if __name__ == "__main__":
    main()
