"""The cross-check of a layer with trained kernels where no library holds them: a verdict of its own."""

import pytest

from specwidget.cli.check import CheckResult
from specwidget.peers.messages import report_from_message, report_to_message
from specwidget.peers.process import CrosscheckProcess
from specwidget.peers.report import VERDICTS, PeerReport
from tests.peers.cases import make_layer, make_signal, scale_by_one_percent, with_kernels


def test_the_process_compares_with_the_layer_s_kernels():
    layer = with_kernels(make_layer("magnitude"), scale_by_one_percent)
    signal, process, results = make_signal(layer), CrosscheckProcess(), []
    try:
        process.run(layer.settings, signal, layer(signal), ["librosa"], results.append, lambda: False, layer.weights)
    finally:
        process.close()
    assert [result.report.verdict for result in results] == ["trained kernels"]


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_verdict_survives_a_message_and_has_a_sentence(verdict):
    report = PeerReport("librosa", verdict, title="librosa", reason="Why.")
    assert report_from_message(*report_to_message(report)) == report
    assert report.sentence.endswith(".")
    result = CheckResult(None, None, (), (), {"librosa": report})
    assert bool(result.compared) == (verdict in ("agrees", "differs by convention", "disagrees"))
    assert result.agrees == (verdict in ("agrees", "differs by convention"))
