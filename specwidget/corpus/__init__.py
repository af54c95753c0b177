"""Corpora: survey recordings, judge settings by all of them, write features; on this machine or on a Dask cluster.

- `survey` says what is in a corpus: which files are broken, clipped, silent or of another rate, what the floor of a
  layer swallows, which mean and standard deviation to normalise by.
- `write` writes the features of all recordings to a Zarr store, and continues where it was stopped.
- `load` reads them: a mapping from paths to arrays.

Dask and Zarr come with the extra `corpus` of the package, and are imported when they are needed. The first use
of a name imports its module.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from specwidget.corpus.file_survey import FileSurvey
    from specwidget.corpus.loading import Features, load
    from specwidget.corpus.surveying import Survey, survey
    from specwidget.corpus.tasks import CorpusError
    from specwidget.corpus.writing import WriteReport, write

_MODULES = {
    "CorpusError": "tasks",
    "Features": "loading",
    "FileSurvey": "file_survey",
    "Survey": "surveying",
    "WriteReport": "writing",
    "load": "loading",
    "survey": "surveying",
    "write": "writing",
}

__all__ = ["CorpusError", "Features", "FileSurvey", "Survey", "WriteReport", "load", "survey", "write"]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
