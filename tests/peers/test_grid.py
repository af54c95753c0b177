"""The grid of drawn settings: every peer installed, at least 500 settings of each compared, none that disagrees."""

import pytest

from specwidget.peers import PEERS
from tests.peers.grid import run


@pytest.fixture(scope="module")
def findings():
    """What the grid finds for every peer."""
    return run(tuple(PEERS))


@pytest.mark.parametrize("peer", PEERS)
def test_no_peer_disagrees_over_the_grid(findings, peer):
    found = findings[peer]
    assert found.verdicts["not installed"] == 0
    assert found.wrong == []
    assert found.n_compared >= 500


@pytest.mark.parametrize("peer", ["librosa", "scipy-stft", "scipy-spectrogram", "torch"])
def test_peers_without_a_difference_agree_over_the_grid(findings, peer):
    found = findings[peer]
    assert found.verdicts["agrees"] == found.n_compared
    assert found.shares["agrees"] <= 1


def test_each_difference_of_keras_is_met_in_the_grid(findings):
    names = {name for reason in findings["keras"].reasons for name in reason.split(", ")}
    assert {"odd fft_length", "psd's last bin", "dtype float64", "floor", "kernel accuracy"} <= names
