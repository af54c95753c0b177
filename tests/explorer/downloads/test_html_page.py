"""The view as a file: what is in it, and what is not."""

import base64
import json
import re

import numpy as np
import pytest

from specwidget import explore
from specwidget.explorer.downloads.html_page import html_page_of
from specwidget.sounds import as_sound


def saved_in(document):
    """Return what a document was saved with."""
    text = re.search(r'id="saved">(.*?)</script>', document.decode(), re.DOTALL)[1]
    return json.loads(text)


@pytest.fixture
def explorer(noise):
    """Return an explorer of noise."""
    explorer = explore(noise, frame_length=400, frame_step=160)
    yield explorer
    explorer.close()


def test_it_holds_the_exact_values_of_every_frame(explorer):
    values = saved_in(html_page_of(explorer.state, explorer.panels)())["explorer/spectrogram_view/spectrogram_view"][
        "store"
    ]["values"]
    found = np.frombuffer(base64.b64decode(values["data"]), "<f4").reshape(values["frames"], values["width"])
    assert np.array_equal(found, explorer.result.decibels())


def test_it_holds_the_sound_that_is_shown(explorer, noise):
    sound = saved_in(html_page_of(explorer.state, explorer.panels)())["explorer/spectrogram_view/spectrogram_view"][
        "store"
    ]["sound"]
    heard = np.frombuffer(base64.b64decode(sound["data"]), "<i2") / 2**15
    assert sound["rate"] == 8000
    assert np.allclose(heard, noise.samples[0, :, 0], atol=2**-15)


def test_a_zoomed_picture_is_saved_whole_and_opens_zoomed(explorer):
    explorer.state.update(visible=(2000, 3000, 0.0, 0.5))
    messages = saved_in(html_page_of(explorer.state, explorer.panels)())["explorer/spectrogram_view/spectrogram_view"][
        "messages"
    ]
    header = messages[0]["message"]["header"]
    assert (header["is_whole"], header["columns"], header["visible"]) == (True, 48, [2000, 3000, 0.0, 0.5])


def test_it_allows_itself_nothing_from_anywhere(explorer):
    text = html_page_of(explorer.state, explorer.panels)().decode()
    assert "default-src 'none'" in text
    plain = re.sub(r'<script type="application/json".*?</script>|[A-Za-z0-9+/=]{200,}', "", text, flags=re.DOTALL)
    assert not re.search(r"\s(src|href|action)\s*=|url\(|@import|fetch\(", plain)


def test_names_cannot_break_out_of_it(noise):
    sound = as_sound(noise)
    object.__setattr__(sound, "name", "</script><script>alert(1)</script>")
    explorer = explore(sound)
    text = html_page_of(explorer.state, explorer.panels)().decode()
    assert "<script>alert" not in text
    assert (
        saved_in(text.encode())["explorer/spectrogram_view/spectrogram_view"]["messages"][0]["message"]["header"][
            "name"
        ]
        == sound.name
    )
    explorer.close()


def test_nan_in_the_sound_is_no_hindrance(noise):
    samples = noise.samples[0, :, 0].copy()
    samples[100] = np.nan
    explorer = explore(samples, 8000, mode="stft")
    assert b"imaginary part" in html_page_of(explorer.state, explorer.panels)()
    explorer.close()


def test_what_is_too_large_stays_out():
    explorer = explore(np.zeros(2_200_000, "float32"), 44_100)
    store = saved_in(html_page_of(explorer.state, explorer.panels)())["explorer/spectrogram_view/spectrogram_view"][
        "store"
    ]
    assert store == {}
    explorer.close()


def test_the_explorer_saves_it(explorer, tmp_path):
    explorer.save_html(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_bytes().startswith(b"<!doctype html>")


def test_without_a_result_there_is_nothing_to_save(tmp_path):
    explorer = explore(np.ones(100), 8000)
    with pytest.raises(ValueError, match="Nothing to save: the settings don't fit the sound"):
        explorer.save_html(tmp_path / "page.html")
    explorer.close()
