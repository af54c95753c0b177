"""`survey`: what is in a corpus, and whether settings suit it."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.corpus.advice import advise, affine_conventions, normalization_code
from specwidget.corpus.features import settings_document, settings_of
from specwidget.corpus.file_survey import BatchSurvey, FileSurvey, Totals, survey_batch
from specwidget.corpus.levels import Floor, floor_of
from specwidget.corpus.listing import ListedFile, list_files, make_batches
from specwidget.corpus.oddness import rank_by_oddness
from specwidget.corpus.statistics import Histogram, Moments
from specwidget.files import atomic_write
from specwidget.mel.conventions import MelConventions
from specwidget.mel.stages import FrontEndSettings
from specwidget.stft.formatting import printable

KIND = "survey"
SCHEMA = 1

LOST = "`file` must be readable without ending the process; got {!r}, with which workers died several times."
"""What is said of a file that kills workers, as by more memory than they have."""


def survey(files: Any, layer: Any = None, *, client: Any = None, progress: bool = True) -> Survey:
    """Survey the recordings of a corpus.

    Parameters
    ----------
    files : path, glob, folder, table or iterable of paths
        The files. A folder stands for the sound files in it and below; a pattern such as ``"train/**/*.flac"`` for what
        it matches; a table, such as a frame of pandas, has a column "path".
    layer : STFTSpectrogram, MelSpectrogram, MFCC, FrontEnd or settings, optional
        A layer whose values are surveyed, too.
    client : distributed.Client, optional
        Client of a Dask cluster that sees the files under the same paths. None starts a worker for each CPU of this
        machine; in a script, that takes ``if __name__ == "__main__":`` around the call.
    progress : bool, default True
        Whether to show a progress bar.

    Returns
    -------
    Survey

    Raises
    ------
    ValueError
        If there is no file, or the layer has trained kernels.
    TypeError
        If `files` or `layer` is none of these.
    specwidget.corpus.CorpusError
        If Dask is missing, or its scheduler is lost.

    Notes
    -----
    A file that can't be read is reported and stops nothing. A long file is read in blocks. Batches are merged in the
    order of the files, whichever worker surveyed them: two surveys of the same files have equal bits.

    Examples
    --------
    >>> from specwidget import STFTSpectrogram, corpus
    >>> found = corpus.survey("recordings", STFTSpectrogram(epsilon=1e-9))  # doctest: +SKIP
    >>> print(found)  # doctest: +SKIP
    """
    document = None if layer is None else settings_document(layer)
    batches = make_batches(list_files(files))
    parts: dict[int, list[BatchSurvey]] = {}
    # What runs tasks is imported where tasks are run: the explorer imports this module for its `Survey` alone.
    from specwidget.corpus.tasks import connected, run_batches

    with connected(client, len(batches)) as connection:
        runs = run_batches(
            connection, survey_batch, batches, (document,), _survey_lost, progress=progress, title="survey"
        )
        for index, part in runs:
            parts.setdefault(index, []).append(part)
    # In the order of the files, so that the sums are the same each time.
    ordered = [part for index in sorted(parts) for part in sorted(parts[index], key=lambda part: part.files[0].path)]
    whole = reduce(BatchSurvey.__add__, ordered, BatchSurvey())
    order = {file.path: index for index, file in enumerate(file for batch in batches for file in batch)}
    return Survey(tuple(sorted(whole.files, key=lambda file: order[file.path])), document, whole.totals)


def _survey_lost(file: ListedFile) -> BatchSurvey:
    problem = LOST.format(printable(file.path))
    return BatchSurvey((FileSurvey(file.path, file.size, file.time, problem=problem),))


@dataclass(frozen=True, eq=False, repr=False)
class Survey:
    """What is in a corpus; `specwidget.corpus.survey` makes it.

    Parameters
    ----------
    files : tuple of FileSurvey
        What was found of each file, in their order.
    document : str or None
        Settings of the layer, as JSON; None without a layer.
    totals : Totals
        What was added up over the files.
    """

    files: tuple[FileSurvey, ...]
    document: str | None = None
    totals: Totals = field(default_factory=Totals)

    @property
    def settings(self) -> FrontEndSettings | None:
        """Settings of the layer; None without one."""
        return None if self.document is None else settings_of(self.document)

    @property
    def unreadable(self) -> tuple[FileSurvey, ...]:
        """The files that can't be read, each with its `problem`."""
        return tuple(file for file in self.files if file.problem)

    @property
    def readable(self) -> tuple[FileSurvey, ...]:
        """The files that can be read."""
        return tuple(file for file in self.files if not file.problem)

    @property
    def mean(self) -> NDArray[np.float64]:
        """Mean of each bin or band over all frames and channels of the corpus, shape (F,).

        Raises
        ------
        ValueError
            If the survey has no layer, or the layer took no file.
        """
        return self._moments().mean

    @property
    def std(self) -> NDArray[np.float64]:
        """Standard deviation of each bin or band over all frames and channels of the corpus, shape (F,)."""
        return self._moments().std

    @property
    def histogram(self) -> Histogram | None:
        """Counts of the levels of all values, dB, without the layer's floor; of the values where they have no level."""
        return self.totals.histogram

    @property
    def floor(self) -> Floor | None:
        """The floor of the layer; None without one."""
        return None if self.settings is None else floor_of(self.settings)

    @property
    def floor_share(self) -> float:
        """Share of the values on the floor, or limited to `top_db` below the largest, 0 to 1."""
        return self.totals.n_floor / max(self.totals.n_values, 1)

    @property
    def conventions(self) -> MelConventions:
        """Conventions of the mel spectrogram with the normalization by one mean and one standard deviation.

        Raises
        ------
        ValueError
            If the survey has no mel spectrogram.
        """
        return affine_conventions(self.settings, self._moments())

    def advice(self) -> list[str]:
        """Return what to do, in sentences with numbers; one that all is well if there is nothing to do."""
        return advise(self.files, self.settings, self.totals)

    def normalization_code(self) -> str:
        """Return `mean` and `std` as code to paste: two arrays of NumPy."""
        return normalization_code(self._moments())

    def oddest(self, n: int = 10) -> list[FileSurvey]:
        """Return the readable files that differ most from the others, the oddest first.

        Parameters
        ----------
        n : int, default 10
            How many.
        """
        return [file for file, _, _ in rank_by_oddness(self.readable)[:n]]

    def figure(self) -> Any:
        """Draw the levels, the share on the floor for every floor, and the outliers, as a matplotlib `Figure`."""
        from specwidget.corpus.pictures import draw_survey

        return draw_survey(self)

    def to_html(self, path: str | os.PathLike[str]) -> None:
        """Save advice, pictures and the list of files as one HTML file without scripts or a network.

        Parameters
        ----------
        path : path-like
            Name of the file.
        """
        from specwidget.corpus.report import write_report

        with atomic_write(path) as file:
            file.write(write_report(self).encode("utf-8", "backslashreplace"))

    def to_dict(self) -> dict[str, Any]:
        """Return the survey as JSON-serialisable values, which `from_dict` reads."""
        moments, histogram = self.totals.moments, self.totals.histogram
        return {
            "specwidget": KIND,
            "schema": SCHEMA,
            "settings": self.document,
            "files": [dataclasses.asdict(file) for file in self.files],
            "n_values": self.totals.n_values,
            "n_floor": self.totals.n_floor,
            "moments": moments
            and {"count": moments.count, "mean": moments.mean.tolist(), "squares": moments.squares.tolist()},
            "histogram": histogram
            and {"width": histogram.width, "first": histogram.first, "counts": histogram.counts.tolist()},
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Survey:
        """Create a survey from the result of `to_dict`.

        Raises
        ------
        ValueError
            If it is none, or of another version.
        """
        if values.get("specwidget") != KIND or values.get("schema") != SCHEMA:
            raise ValueError(f"`values` must be those of a survey with schema {SCHEMA}.")
        moments, histogram = values["moments"], values["histogram"]
        totals = Totals(
            moments and Moments(moments["count"], np.array(moments["mean"]), np.array(moments["squares"])),
            histogram and Histogram(histogram["width"], histogram["first"], np.array(histogram["counts"], np.int64)),
            values["n_values"],
            values["n_floor"],
        )
        return cls(tuple(FileSurvey(**file) for file in values["files"]), values["settings"], totals)

    def to_json(self, path: str | os.PathLike[str]) -> None:
        """Save the survey as a JSON file.

        Parameters
        ----------
        path : path-like
            Name of the file.
        """
        with atomic_write(path) as file:
            # As ASCII, which holds names of files that are not UTF-8, too.
            file.write(json.dumps(self.to_dict()).encode("ascii"))

    @classmethod
    def from_json(cls, path: str | os.PathLike[str]) -> Survey:
        """Load a survey from a file that `to_json` wrote.

        Raises
        ------
        ValueError
            If the file holds no survey.
        OSError
            If it can't be read.
        """
        try:
            return cls.from_dict(json.loads(Path(path).read_text(encoding="ascii")))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"`path` must be a file that Survey.to_json wrote; got {os.fspath(path)!r}.") from error

    def to_parquet(self, path: str | os.PathLike[str]) -> None:
        """Save what was found of each file as a Parquet table with a row for each.

        Parameters
        ----------
        path : path-like
            Name of the file. A path that is not text has its bytes as escapes in the column "path"; the column
            "path_bytes" has all paths as they are.
        """
        import pyarrow as pa
        from pyarrow import parquet

        columns = {each.name: [getattr(file, each.name) for file in self.files] for each in fields(FileSurvey)}
        text = [path.encode("utf-8", "backslashreplace").decode() for path in columns["path"]]
        columns |= {
            "path": text,
            "problem": [printable(problem) for problem in columns["problem"]],
            "refused": [printable(refused) for refused in columns["refused"]],
            "path_bytes": [os.fsencode(file.path) for file in self.files],
        }
        with atomic_write(path) as file:
            parquet.write_table(pa.table(columns), file)

    def __add__(self, other: Survey) -> Survey:
        """Return the survey of the files of both.

        Raises
        ------
        ValueError
            If a file is in both, or the layers differ.
        """
        if self.document != other.document:
            raise ValueError("`other` must be a survey with the settings of this one; got other settings.")
        if twice := {file.path for file in self.files} & {file.path for file in other.files}:
            raise ValueError(
                f"`other` must be a survey of other files; got {len(twice)} that are in this one, such as "
                f"{printable(min(twice))!r}."
            )
        return Survey(self.files + other.files, self.document, self.totals + other.totals)

    def __str__(self) -> str:
        """Return how many files there are and how long they are together, and the advice."""
        hours = sum(file.duration for file in self.files) / 3600
        head = f"{len(self.files)} files, {hours:.2f} hours; {len(self.unreadable)} can't be read."
        return "\n".join([head, *self.advice()])

    def __repr__(self) -> str:
        """Return the number of files."""
        return f"<Survey of {len(self.files)} files>"

    def _repr_html_(self) -> str:
        from specwidget.corpus.report import write_summary

        return write_summary(self)

    def _moments(self) -> Moments:
        if self.totals.moments is None or self.totals.moments.count == 0:
            raise ValueError(
                "`layer` must be given to survey() for a mean and a standard deviation, and take at least 1 file."
            )
        return self.totals.moments


def paths_of(files: Iterable[FileSurvey]) -> list[ListedFile]:
    """Return surveyed files as they were listed."""
    return [ListedFile(file.path, file.size, file.time) for file in files]
