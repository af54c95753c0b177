"""Exercises in the page: a question, a place for the answer, the verdict, and a score that stays in the notebook."""

from __future__ import annotations

import random
import threading
from typing import Any

import traitlets

from specwidget.charts.encoding import encode_scene, opening_of, palette
from specwidget.charts.matplotlib_renderer import draw_scene
from specwidget.teach.exercises import draw, find, judge
from specwidget.teach.exercises.case import Case, Judgement
from specwidget.teach.figure_widget import send_sound
from specwidget.teach.score import SCORE, Score
from specwidget.widgets.assets import read_style, read_view
from specwidget.widgets.static_fallback import StaticFallback, display_with_fallback, with_fallback
from specwidget.widgets.view import View

LARGEST_SEED = 9999


class ExerciseWidget(View):
    """An exercise in the page: Enter checks the answer, a button draws a new case.

    `ask` opens one.

    Parameters
    ----------
    kind : str
        Name of the exercise.
    seed : int, optional
        Seed of the first case; None draws one at random. The cases that follow have the seeds that follow.
    score : Score, optional
        Where answers are counted; None is the one of the notebook.

    Notes
    -----
    The first answer to a case is counted, and none that can't be read. The score is written into the cell's output as
    text, where it stays when the notebook is saved.
    """

    _esm = read_view("teach/exercise_widget.js")
    _css = read_style("charts/scene_view.css")

    title = traitlets.Unicode().tag(sync=True)
    case = traitlets.Dict(help="What is asked, as the page shows it.").tag(sync=True)
    verdict = traitlets.Dict(help="The judgement of the last answer: right, word and reasoning.").tag(sync=True)
    score_text = traitlets.Unicode().tag(sync=True)
    palette = traitlets.Dict().tag(sync=True)
    opening = traitlets.Dict(help="What the first case shows.").tag(sync=True)

    def __init__(self, kind: str, seed: int | None = None, score: Score | None = None) -> None:
        self._lock = threading.RLock()
        self._exercise = find(kind)
        self._score = SCORE if score is None else score
        self._shown: Any = None
        self._counted = False
        super().__init__(title=self._exercise.title, palette=palette())
        self.add_class("specwidget")
        self.on_msg(self._hear)
        self._pose(random.randrange(LARGEST_SEED) if seed is None else seed)
        self.opening = opening_of(self._case.scene)

    @property
    def current(self) -> Case:
        """The case that is asked."""
        return self._case

    def answer(self, answer: object) -> Judgement:
        """Answer the case, as the page does.

        Parameters
        ----------
        answer : str, number or sequence of int
            The answer.

        Returns
        -------
        Judgement
        """
        with self._lock:
            found = judge(self._case, answer)
            if found.right is not None and not self._counted:
                self._counted = True
                self._score.record(self._exercise.name, right=found.right)
                self._tell_score()
            self.verdict = {"right": found.right, "word": found.verdict, "reasoning": found.reasoning}
            return found

    def next_case(self) -> Case:
        """Draw the next case."""
        with self._lock:
            self._pose(self._case.seed + 1)
            return self._case

    def _pose(self, seed: int) -> None:
        """Ask the case of a seed."""
        self._case, self._counted = draw(self._exercise.name, seed), False
        case = self._case
        with self.hold_sync():
            self.verdict = {}
            self.case = {
                "seed": case.seed,
                "prompt": case.prompt,
                "facts": [list(fact) for fact in case.facts],
                "form": case.form,
                "choices": list(case.choices),
                "unit": case.unit,
                "has_scene": case.scene is not None,
                "sounds": list(case.sounds),
            }
        self._tell_score()
        self._send_scene()

    def _hear(self, _widget: Any, content: dict[str, Any], _buffers: list[Any]) -> None:
        """Take an answer, draw a new case, or send what is to be looked at or heard."""
        kind = content.get("kind")
        if kind == "answer":
            self.answer(content.get("text", ""))
        elif kind == "next":
            self.next_case()
        elif kind == "want":
            with self._lock:
                self._send_scene()
        elif kind == "play":
            with self._lock:
                # A click may cross the case that follows, which sounds otherwise or not at all.
                if content.get("name") in self._case.sounds:
                    send_sound(self, content["name"], self._case.sounds[content["name"]]())

    def _send_scene(self) -> None:
        """Send what is to be looked at, if anything."""
        if self._case.scene is not None:
            header, buffers = encode_scene(self._case.scene)
            self.send({"kind": "scene", "header": {"serial": self._case.seed, **header}}, buffers)

    def _tell_score(self) -> None:
        """Show the score in the page, and write it into the cell's output."""
        self.score_text = self._score.to_text(self._exercise.name)
        if self._shown is not None:
            self._shown.update(self._written(), raw=True)

    def _written(self) -> dict[str, Any]:
        """Return the score as it is written into the notebook."""
        return {"text/plain": f"Score, {self.title}: {self.score_text}"}

    def _ipython_display_(self) -> None:
        """Show the question, and below it the score as text, which is saved with the notebook."""
        from IPython.display import display

        display_with_fallback(super()._repr_mimebundle_(), self._static_fallback(), self)
        self._shown = display(self._written(), raw=True, display_id=True)  # type: ignore[no-untyped-call]

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Return the widget, and the question as text, with its picture, for where no widget runs."""
        return with_fallback(super()._repr_mimebundle_(**kwargs), self._static_fallback())

    def _static_fallback(self) -> StaticFallback:
        """Return what stands where no widget runs: the question as text, with its picture."""
        from specwidget.charts.spectrogram_figure import to_png

        scene = self._case.scene
        how = f'Answer with specwidget.teach.check("{self._case.kind}", {self._case.seed}, answer).'
        text = f"{self._case.to_text()}\n{how}"
        if scene is None:
            return StaticFallback(text)
        return StaticFallback(text, lambda: to_png(draw_scene(scene)), scene.caption, above=text)


def ask(kind: str, seed: int | None = None) -> ExerciseWidget:
    """Ask an exercise in the page.

    Parameters
    ----------
    kind : str
        A key of `specwidget.teach.exercises.EXERCISES`.
    seed : int, optional
        Which case comes first; None draws one at random.

    Returns
    -------
    Question
        A widget; the last line of a cell shows it.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    return ExerciseWidget(kind, seed)
