"""Inputs: one update after a burst of changes, whichever thread makes them."""

import threading

from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.explorer.state.inputs import INPUT_TRAITS, ExplorerInputs, UpdateLock
from specwidget.mel.stages import FRONT_END_DEFAULTS


def test_every_input_is_a_trait_of_the_state():
    assert set(INPUT_TRAITS) <= set(ExplorerState.class_trait_names())


def test_the_inputs_of_one_moment_stay_as_they_are(state):
    inputs = ExplorerInputs.of(state)
    state.update(frame_length=512, channel=0, colour_map="viridis")
    assert inputs.settings == FRONT_END_DEFAULTS
    assert inputs.display["colour_map"] == "automatic"
    assert ExplorerInputs.of(state).settings["frame_length"] == 512


def test_only_the_outermost_hold_updates():
    updates = []
    lock = UpdateLock(lambda: updates.append(1))
    with lock.hold():
        with lock.hold():
            lock.on_change()
        assert updates == []
    assert updates == [1]
    lock.close()


def test_an_error_inside_hold_updates_all_the_same():
    updates = []
    lock = UpdateLock(lambda: updates.append(1))
    try:
        with lock.hold():
            raise RuntimeError
    except RuntimeError:
        pass
    assert updates == [1]
    lock.close()


def test_a_change_without_hold_is_followed_soon_in_another_thread():
    threads, done = [], threading.Event()
    lock = UpdateLock(lambda: threads.append(threading.current_thread()) or done.set())
    lock.on_change()
    assert done.wait(5)
    assert threads[0] is not threading.current_thread()
    lock.close()


def test_a_second_thread_waits_for_the_lock_and_then_sees_every_change():
    order, lock = [], UpdateLock(lambda: order.append("update"))
    started = threading.Event()

    def read():
        started.set()
        with lock:
            order.append("read")

    with lock.hold():
        thread = threading.Thread(target=read)
        thread.start()
        started.wait(5)
        order.append("change")
    thread.join(5)
    assert order == ["change", "update", "read"]
    lock.close()


def test_an_update_is_made_soon_and_is_pending_until_then():
    called = threading.Event()
    lock = UpdateLock(called.set)
    lock.is_pending = False
    lock.update_soon()
    assert lock.is_pending is True
    assert called.wait(10)
    lock.close()
