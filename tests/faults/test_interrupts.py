"""A kernel interrupt at any moment: settings and picture stay those of one moment, and the cross-check goes on."""

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest

from specwidget.explorer.panels.controls_panel import ControlsPanel
from specwidget.explorer.spectrogram_view.spectrogram_view import SpectrogramView
from specwidget.explorer.state.explorer_state import ExplorerState


def wait_until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class Interrupt:
    """Raise a KeyboardInterrupt at one of the calls of a trait's observers, as Python does in the main thread."""

    def __init__(self, at):
        self.at, self.calls = at, 0

    def __call__(self, _change):
        if threading.current_thread() is not threading.main_thread():
            return
        self.calls += 1
        if self.calls == self.at:
            raise KeyboardInterrupt


@pytest.mark.parametrize("at", range(1, 9))
@pytest.mark.parametrize("is_first", [True, False], ids=["before the panels", "after the panels"])
def test_settings_and_picture_agree_after_an_interrupt_at_any_output(noise, at, is_first):
    state, interrupt = ExplorerState(noise), Interrupt(at)
    state.flush()
    names = ["shapes", "picture", "results", "notes", "errors", "history", "crosscheck", "revision"]
    if is_first:
        state.observe(interrupt, names=names)
    view, controls, sent = SpectrogramView(state), ControlsPanel(state), []
    view.send = lambda content, buffers=None: sent.append(content)
    if not is_first:
        state.observe(interrupt, names=names)
    try:
        wanted = None
        for frame_length in (384, 100, 256, 64):
            if interrupt.calls < at:
                wanted = frame_length
                with suppress(KeyboardInterrupt):
                    controls.set_state({"frame_length": frame_length})
        assert interrupt.calls == at
        wait_until(lambda: not state._lock.is_pending)
        with state.hold():
            pass
        assert state.frame_length == controls.frame_length == wanted
        assert state.picture.settings.frame_length == wanted
        assert [each["header"]["window_length"] for each in sent if each["kind"] == "picture"][-1] == wanted
        assert state.current.settings.frame_length == wanted
        assert not view.is_stale
    finally:
        for panel in (view, controls):
            panel.close()
        state.close()


def test_an_update_that_an_interrupt_stops_is_followed_all_the_same(noise, monkeypatch):
    state = ExplorerState(noise)
    controls = ControlsPanel(state)
    set_state, calls = controls.set_state, []

    def set_state_once(sync_data):
        calls.append(sync_data)
        if len(calls) == 1:
            raise KeyboardInterrupt
        set_state(sync_data)

    monkeypatch.setattr(controls, "set_state", set_state_once)
    message = {"method": "update", "state": {"frame_length": 384, "_update": "page:1:0"}, "buffer_paths": []}
    try:
        with pytest.raises(KeyboardInterrupt):
            controls._handle_msg({"content": {"data": message}, "buffers": []})
        wait_until(lambda: state.frame_length == 384 and state.current.settings.frame_length == 384)
    finally:
        controls.close()
        state.close()


def test_an_update_that_an_interrupt_stops_does_not_override_the_next_one(noise, monkeypatch):
    state = ExplorerState(noise)
    controls = ControlsPanel(state)
    handle_again = controls._handle_again

    def handle_again_late(msg):
        time.sleep(0.2)
        handle_again(msg)

    def interrupt(_change):
        if state.frame_length == 384 and threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt

    monkeypatch.setattr(controls, "_handle_again", handle_again_late)
    state.observe(interrupt, names="frame_length")
    try:
        for number, frame_length in enumerate((384, 100)):
            message = {
                "method": "update",
                "state": {"frame_length": frame_length, "_update": f"page:{number}:0"},
                "buffer_paths": [],
            }
            with suppress(KeyboardInterrupt):
                controls._handle_msg({"content": {"data": message}, "buffers": []})
        time.sleep(0.5)
        assert controls.frame_length == state.frame_length == state.current.settings.frame_length == 100
    finally:
        controls.close()
        state.close()


CROSSCHECK = """
import numpy as np, os, signal, time
import specwidget
from specwidget.peers.process import SHARED_PROCESS
layer = specwidget.STFTSpectrogram()
signal_ = np.random.default_rng(0).standard_normal((1, 8000, 1)).astype("float32")
results = []
run = lambda: SHARED_PROCESS.run(layer.settings, signal_, layer(signal_), ["scipy-stft"], results.append, lambda: False)
run()
worker = SHARED_PROCESS._process.pid
try:
    os.killpg(0, signal.SIGINT)
    time.sleep(0.5)
except KeyboardInterrupt:
    pass
run()
assert [each.report.verdict for each in results] == ["agrees", "agrees"]
print(worker == SHARED_PROCESS._process.pid)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs process groups")
def test_an_interrupt_of_the_process_group_leaves_the_crosscheck_alone():
    # pytest may have been started with SIGINT ignored, which a child inherits.
    restore = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    command = [sys.executable, "-c", restore + CROSSCHECK]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, start_new_session=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["True"]


INTERRUPTED = """
import random, signal, threading, time, _thread
signal.signal(signal.SIGINT, signal.default_int_handler)
import numpy as np
from specwidget.explorer.panels.controls_panel import ControlsPanel
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.sounds import as_sound
random.seed(0)
state = ExplorerState(as_sound(0.1 * np.random.default_rng(0).standard_normal(80_000).astype("f4"), 8000))
controls = ControlsPanel(state)
acknowledged = []
controls.send = lambda content, buffers=None: acknowledged.append(content["update"])

def send(value, number):
    state = {"frame_length": value, "_update": f"page:{number}:0"}
    data = {"method": "update", "state": state, "buffer_paths": []}
    controls._handle_msg({"content": {"data": data}, "buffers": []})

n_hit = 0
for number in range(40):
    wanted = 100 + number
    timer = threading.Timer(random.uniform(0, 0.01), _thread.interrupt_main)
    try:
        timer.start()
        send(wanted, number)
        while timer.is_alive():
            time.sleep(0.001)
        time.sleep(0.01)
    except KeyboardInterrupt:
        n_hit += 1
    if f"page:{number}:0" not in acknowledged:
        # The page sends again what is not acknowledged.
        send(wanted, number)
    deadline = time.monotonic() + 20
    while (state.frame_length, state.picture.settings.frame_length, controls.frame_length) != (wanted,) * 3:
        assert time.monotonic() < deadline, (wanted, state.frame_length, state.picture.settings.frame_length)
        time.sleep(0.01)
print(n_hit)
"""


@pytest.mark.slow
def test_forty_interrupts_at_random_moments_leave_no_old_picture():
    run = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) >= 35
