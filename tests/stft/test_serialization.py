"""Settings as JSON: round trip, and an error message for everything that is invalid."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwidget.stft.serialization import dump_json
from specwidget.stft.settings import BACKENDS, DATA_FORMATS, MODES, PADDINGS, RESULT_DTYPES, SCALINGS, STFTSettings
from tests.layers import ARGUMENTS
from tests.stft.test_settings import REFUSED

NAMED = [None, "hann", "blackmanharris", ("kaiser", 8.6), ("taylor", 4, 30.0), ("general_cosine", [0.5, 0.3, 0.2])]


@st.composite
def possible_settings(draw):
    """Random valid settings."""
    length = draw(st.integers(2, 60))
    numbers = st.floats(-1e3, 1e3).filter(lambda value: value == 0 or abs(value) > 1e-100)
    values = st.lists(numbers, min_size=length, max_size=length).filter(any)
    return STFTSettings(
        mode=draw(st.sampled_from(MODES)),
        frame_length=length,
        frame_step=draw(st.none() | st.integers(1, length)),
        fft_length=draw(st.none() | st.integers(length, 300)),
        window=draw(st.sampled_from([*NAMED[:1], *NAMED[2:]]) | values),
        periodic=draw(st.booleans()),
        scaling=draw(st.sampled_from(SCALINGS)),
        padding=draw(st.sampled_from(PADDINGS)),
        expand_dims=draw(st.booleans()),
        data_format=draw(st.sampled_from([None, *DATA_FORMATS, "Channels_First"])),
        trainable=draw(st.booleans()),
        dtype=draw(st.sampled_from([None, *RESULT_DTYPES])),
        epsilon=draw(st.floats(1e-30, 1e30)),
        backend=draw(st.sampled_from(BACKENDS)),
    )


def make_document(**changes):
    """The JSON document of some settings as a dict, with changed fields."""
    document = json.loads(STFTSettings().to_json())
    document["settings"].update(changes)
    return document


@given(possible_settings())
def test_settings_survive_json(settings):
    assert STFTSettings.from_json(settings.to_json()) == settings
    assert json.loads(settings.to_json())["settings"] == settings.to_dict()


@pytest.mark.parametrize("window", [*NAMED, np.linspace(0.1, 1, 256, dtype="float32"), range(256)], ids=str)
def test_every_kind_of_window_survives_json(window):
    settings = STFTSettings(window=window)
    back = STFTSettings.from_json(settings.to_json())
    assert repr(back.window) == repr(settings.window)


def test_the_json_has_kind_schema_and_every_argument():
    document = json.loads(STFTSettings().to_json())
    assert {name: document[name] for name in ("specwidget", "schema")} == {"specwidget": "settings", "schema": 1}
    assert set(document["settings"]) == set(ARGUMENTS) - {"name"}


def test_a_byte_order_mark_and_other_white_space_are_accepted():
    settings = STFTSettings(frame_length=100)
    text = "\ufeff" + json.dumps(json.loads(settings.to_json()))
    assert STFTSettings.from_json(text) == settings


@pytest.mark.parametrize("name", sorted(set(ARGUMENTS) - {"name"}))
def test_a_missing_field_is_an_error_that_names_it(name):
    document = make_document()
    del document["settings"][name]
    with pytest.raises(ValueError, match=rf"^`text` must have every field of settings; got none named '{name}'\.$"):
        STFTSettings.from_json(json.dumps(document))


@pytest.mark.parametrize("invalid", [{}, "\u0000", [[]], {"__class__": "os.system"}, -1.5, -(10**40)], ids=repr)
@pytest.mark.parametrize("name", sorted(set(ARGUMENTS) - {"name"}))
def test_a_damaged_field_is_an_error_that_starts_with_its_name(name, invalid):
    with pytest.raises((ValueError, TypeError), match=rf"(?s)^`{name}` must .*; got "):
        STFTSettings.from_json(json.dumps(make_document(**{name: invalid})))


@pytest.mark.parametrize("invalid", ["x" * 10**5, [["y"]] * 10**4], ids=["a long text", "a long list"])
@pytest.mark.parametrize("name", sorted(set(ARGUMENTS) - {"name"}))
def test_the_error_of_a_long_damaged_field_is_short(name, invalid):
    with pytest.raises((ValueError, TypeError), match=rf"^`{name}` must .*; got ") as excinfo:
        STFTSettings.from_json(json.dumps(make_document(**{name: invalid})))
    assert len(str(excinfo.value)) < 500


@pytest.mark.parametrize("name", ["frame_length", "fft_length"])
def test_a_length_that_no_array_has_is_a_short_error(name):
    with pytest.raises(ValueError, match=rf"^`{name}` must be at most {2**62}; got an integer of 1329 bits\.$"):
        STFTSettings.from_json(json.dumps(make_document(**{name: 10**400})))


@pytest.mark.parametrize(("arguments", "error", "message"), REFUSED, ids=lambda value: str(value)[:40])
def test_an_invalid_value_raises_the_error_of_the_constructor(arguments, error, message):
    try:
        text = json.dumps(make_document(**arguments), allow_nan=False)
    except (TypeError, ValueError):
        return  # JSON has no NumPy bool and no nonfinite number
    with pytest.raises(error, match=f"^{message}"):
        STFTSettings.from_json(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"`text` must be JSON; got a syntax error at line 1, column 1\."),
        ('{"specwidget":', r"`text` must be JSON; got a syntax error at line 1, column 15\."),
        ("import os", r"`text` must be JSON; got a syntax error at line 1"),
        ("[" * 100_000, "`text` must be JSON with few nested levels"),
        ("[NaN]", r"`text` must have finite numbers; got NaN\."),
        ('{"a": 1, "a": 2}', r"`text` must have each name once; got 'a' twice\."),
        ("1" * 5000, "`text` must have numbers of reasonable length; got one of 5000 digits"),
        ("[]", r"`text` must be JSON of settings, with \"specwidget\": \"settings\"; got \[\]\."),
        ("{}", r"`text` must be JSON of settings, with \"specwidget\": \"settings\"\."),
        (dump_json("kernels", 1, {}), r"`text` must be JSON of settings, .*; got 'kernels'\."),
        (dump_json("settings", 2, {}), r"`schema` must be 1; got 2\. Read it with the version that wrote it\."),
        ('{"specwidget": "settings", "settings": {}}', r"`schema` must be 1; got None\."),
        ('{"specwidget": "settings", "schema": true}', r"`schema` must be 1; got True\."),
        (
            '{"specwidget": "settings", "schema": 1}',
            r"`text` must have an object of values at key \"settings\"; got None\.",
        ),
        (json.dumps(make_document(hop=1)), r"`text` must have only the fields of settings; got 'hop'\."),
        (
            json.dumps(make_document() | {"more": 1}),
            r"`text` must have only the fields of JSON of settings; got 'more'\.",
        ),
    ],
    ids=lambda value: value[:40],
)
def test_anything_but_json_of_settings_is_an_error(text, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        STFTSettings.from_json(text)


def test_bytes_are_an_error():
    with pytest.raises(TypeError, match=r"^`text` must be a string of JSON; got bytes\.$"):
        STFTSettings.from_json(b"{}")
