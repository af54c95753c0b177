"""The view as a file: what is in it, and what is not."""

import html
import io
import json
import re

import numpy as np
import pytest
import soundfile

from specwidget import explore
from specwidget.explorer.downloads.html_page import PageContent, html_page_of
from specwidget.sounds import as_sound
from specwidget.widgets.static_view import unpack


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


VIEW = "explorer/spectrogram_view/spectrogram_view"


def document_of(explorer, **content):
    """Return the document of an explorer."""
    return html_page_of(explorer.state, explorer.panels, PageContent(**content))()


def footer_of(document):
    """Return what a document says at its end."""
    return html.unescape(re.search("<footer>(.*?)</footer>", document.decode())[1])


def sound_in(document):
    """Return the samples of the saved sound, decoded, and what is said about it."""
    sound = saved_in(document)[VIEW]["store"]["sound"]
    samples, rate = soundfile.read(io.BytesIO(unpack(sound["data"])), dtype="int16")
    assert rate == sound["nominal"]
    return samples, sound


def test_it_holds_the_exact_values_of_every_frame(explorer):
    document = document_of(explorer)
    values = saved_in(document)[VIEW]["store"]["values"]
    found = np.frombuffer(unpack(values["data"]), "<f4").reshape(values["frames"], values["width"])
    assert np.array_equal(found, explorer.result.decibels())
    assert "The cursor reads the exact values of every frame." in footer_of(document)


@pytest.mark.parametrize("factor", [1.0, 20.0])
def test_it_holds_the_sound_without_loss_and_below_full_scale(noise, factor):
    samples = factor * noise.samples[0, :, 0]
    explorer = explore(samples, 8000)
    document = document_of(explorer)
    explorer.close()
    found, about = sound_in(document)
    gain = 1 / max(1, np.abs(samples).max())
    assert (about["rate"], about["total"]) == (8000, len(samples))
    assert about["gain"] == pytest.approx(gain)
    assert np.array_equal(found, np.clip(np.rint(samples * np.float32(gain) * 2**15), -(2**15), 2**15 - 1))
    assert "The sound is stored as 16-bit FLAC, without loss." in footer_of(document)


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


@pytest.fixture(scope="module")
def minute():
    """Return an explorer of a minute of noise and hum, which hardly gets smaller by compression."""
    noise = 0.1 * np.random.default_rng(0).standard_normal(60 * 44_100).astype("float32")
    hum = np.sin(2 * np.pi * 50 / 44_100 * np.arange(len(noise)), dtype="float32")
    explorer = explore(noise + 0.3 * hum, 44_100, frame_length=2048, frame_step=256)
    explorer.state.set_b()
    explorer.state.update(frame_length=1024)
    yield explorer
    explorer.close()


@pytest.mark.slow
def test_a_minute_of_sound_stays_below_5_mb_and_says_what_that_costs(minute, tmp_path):
    minute.save_html(tmp_path / "page.html")
    document = (tmp_path / "page.html").read_bytes()
    assert len(document) < 5e6
    store = saved_in(document)[VIEW]["store"]
    assert set(store) == {"window", "sound"}
    footer = footer_of(document)
    assert "The sound is stored as Ogg Vorbis, with the loss of that codec" in footer
    # Groups of 3 frames of (2,646,000 - 1024) / 256 + 1.
    assert re.search(
        r"The picture has 3,444 by 513 cells for 10,332 frames, in 255 levels that are 0.\d+ dB apart", footer
    )
    assert "Without the exact values of every frame, for which the file would need at least 5.3 MB more" in footer


@pytest.mark.slow
def test_the_levels_of_a_large_picture_are_less_than_a_level_from_its_values(minute):
    document = document_of(minute, sound=False)
    message, _ = (saved_in(document)[VIEW]["messages"][0][name] for name in ("message", "buffers"))
    levels = np.frombuffer(unpack(saved_in(document)[VIEW]["messages"][0]["buffers"][0]["levels"]), np.uint8)
    header = message["header"]
    columns = minute.result.decibels().T[:, : header["columns"] * 3].reshape(513, -1, 3).max(axis=2)
    step = (header["high"] - header["low"]) / 254
    found = header["low"] + (levels.reshape(513, -1)[:, : columns.shape[1]] - 1.0) * step
    assert header["resolution"] == pytest.approx(step)
    assert np.abs(found - columns).max() <= step


@pytest.mark.slow
def test_what_is_wanted_is_saved_whatever_its_size_and_what_is_not_is_left_out(explorer, minute):
    document = document_of(minute, sound=True, values=False)
    samples, _ = sound_in(document)
    assert len(samples) == 60 * 44_100
    assert "as 16-bit FLAC" in footer_of(document)
    assert "Without the exact values of every frame, as was chosen." in footer_of(document)
    assert set(saved_in(document_of(explorer, sound=False, values=False))[VIEW]["store"]) == {"window"}


def test_a_sound_without_a_rate_is_not_saved(noise):
    explorer = explore(noise.samples[0, :, 0])
    document = document_of(explorer)
    explorer.close()
    assert "sound" not in saved_in(document)[VIEW]["store"]
    assert "sound is stored" not in footer_of(document)


def test_the_explorer_saves_it(explorer, tmp_path):
    explorer.save_html(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_bytes().startswith(b"<!doctype html>")


def test_without_a_result_there_is_nothing_to_save(tmp_path):
    explorer = explore(np.ones(100), 8000)
    with pytest.raises(ValueError, match="Nothing to save: the settings don't fit the sound"):
        explorer.save_html(tmp_path / "page.html")
    explorer.close()
