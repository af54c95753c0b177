"""`load`: the features of a store as a mapping from paths to arrays."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence, ValuesView
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from specwidget.corpus.store import Stored, read_document, read_parts, real_path
from specwidget.corpus.tasks import INSTALL, CorpusError
from specwidget.layer import STFTSpectrogram
from specwidget.mel.layer import MelSpectrogram
from specwidget.mel.mfcc import MFCC
from specwidget.mel.stages import FrontEndSettings, settings_from_json, transform_of
from specwidget.stft.formatting import printable
from specwidget.stft.layout import to_output
from specwidget.stft.settings import STFTSettings


def load(store: str | os.PathLike[str]) -> Features:
    """Load the features that `write` wrote.

    Parameters
    ----------
    store : path
        Folder of the store.

    Returns
    -------
    Features
        A mapping from paths to arrays, which are read when they are asked for.

    Raises
    ------
    ValueError
        If it is no store of features.
    specwidget.corpus.CorpusError
        If Zarr is missing.

    Examples
    --------
    >>> from specwidget import corpus
    >>> features = corpus.load("features.zarr")  # doctest: +SKIP
    >>> features["train/0001.flac"].shape  # doctest: +SKIP
    (1001, 80)
    """
    return Features(real_path(store))


class Features(Mapping[str, NDArray[Any]]):
    """Features of recordings by their paths, as they were given to `write` and in their order as text.

    `specwidget.corpus.load` makes it.

    An array is that of the layer for samples (1, L, C), without the axis of batch items: (T, C F), or in the layout of
    `data_format` and `expand_dims`.

    Parameters
    ----------
    path : Path
        Folder of the store.
    """

    def __init__(self, path: Path) -> None:
        try:
            import zarr  # noqa: F401  # to say early that it is missing
        except ImportError as error:
            raise CorpusError(f"Zarr is missing. {INSTALL} ({error}).") from error
        self._path = path
        self._settings = settings_from_json(read_document(path))
        places = {each.path: (name, each) for name, part in read_parts(path).items() for each in part}
        self._places: dict[str, tuple[str, Stored]] = dict(sorted(places.items()))
        self._arrays: dict[str, Any] = {}

    @property
    def settings(self) -> FrontEndSettings:
        """Settings of the layer."""
        return self._settings

    @property
    def layer(self) -> STFTSpectrogram | MelSpectrogram | MFCC:
        """The layer that made the features."""
        if isinstance(self._settings, STFTSettings):
            return STFTSpectrogram.from_settings(self._settings)
        return self._settings.layer

    def sample_rate(self, path: str | os.PathLike[str]) -> float:
        """Return the sample rate of a recording, Hz."""
        return self._place(path)[1].sample_rate

    def values(self) -> FeatureValues:
        """Return the arrays as a sequence in the order of `keys`, which PyTorch takes for a map-style dataset."""
        return FeatureValues(self)

    def __getitem__(self, path: str | os.PathLike[str]) -> NDArray[Any]:
        """Read the features of a recording."""
        name, stored = self._place(path)
        values = self._array(name)[stored.first : stored.first + stored.n_frames]
        rows = np.asarray(values).transpose(1, 0, 2)[None]
        return np.ascontiguousarray(to_output(rows, transform_of(self._settings))[0])

    def __contains__(self, path: object) -> bool:
        """Return whether the features of a recording are there, without reading them."""
        return isinstance(path, str | os.PathLike) and os.fspath(path) in self._places

    def __iter__(self) -> Iterator[str]:
        """Iterate over the paths."""
        return iter(self._places)

    def __len__(self) -> int:
        """Return the number of recordings."""
        return len(self._places)

    def __repr__(self) -> str:
        """Return the number of recordings and the store."""
        return f"<Features of {len(self)} recordings in {printable(str(self._path))!r}>"

    def __getstate__(self) -> dict[str, Any]:
        """Return the state without open arrays: each process of a data loader opens its own."""
        return {**self.__dict__, "_arrays": {}}

    def _place(self, path: str | os.PathLike[str]) -> tuple[str, Stored]:
        return self._places[os.fspath(path)]

    def _array(self, name: str) -> Any:
        import zarr

        if name not in self._arrays:
            self._arrays[name] = zarr.open_array(self._path / "parts" / name, mode="r")
        return self._arrays[name]


class FeatureValues(ValuesView[NDArray[Any]], Sequence[NDArray[Any]]):
    """The arrays of `Features` in the order of their paths."""

    def __init__(self, features: Features) -> None:
        super().__init__(features)
        self._features, self._paths = features, [*features]

    @overload
    def __getitem__(self, index: int) -> NDArray[Any]: ...

    @overload
    def __getitem__(self, index: slice) -> list[NDArray[Any]]: ...

    def __getitem__(self, index: int | slice) -> NDArray[Any] | list[NDArray[Any]]:
        """Read the features of a recording, or of several."""
        if isinstance(index, slice):
            return [self._features[path] for path in self._paths[index]]
        return self._features[self._paths[index]]
