"""Exercises as widgets: a question, a field for the answer, feedback, and a score that is saved with the notebook."""

from __future__ import annotations

import random
import threading
from typing import Any

import traitlets

from specwidget.charts.encoding import encode_scene, initial_scene, palette
from specwidget.charts.matplotlib_renderer import draw_scene
from specwidget.charts.spectrogram_figure import to_png
from specwidget.teach.exercises import draw, find, judge
from specwidget.teach.exercises.case import Case
from specwidget.teach.exercises.judgement import Judgement
from specwidget.teach.figure_widget import send_sound
from specwidget.teach.score import SCORE, Score
from specwidget.widgets.assets import read_style, read_view
from specwidget.widgets.static_fallback import StaticFallback, StaticFallbackMixin
from specwidget.widgets.view import View

LARGEST_SEED = 9999


class ExerciseWidget(StaticFallbackMixin, View):
    """An exercise: Enter checks the answer, a button draws a new case.

    A first wrong answer gets a hint, a second one the solution.

    `ask` creates one.

    Parameters
    ----------
    name : str
        Name of the exercise.
    seed : int, optional
        Seed of the first case; None is a random one. The next cases have the next seeds.
    score : Score, optional
        The score that counts the answers; None is that of the notebook.

    Notes
    -----
    Each case counts once, however often it is asked: it is right if one of its tries is. The score is part of the
    cell's output as text, and so it is saved with the notebook; `save_score` writes a file.
    """

    _esm = read_view("teach/exercise_widget.js")
    _css = read_style("teach/figure_widget.css")

    title = traitlets.Unicode().tag(sync=True)
    case = traitlets.Dict(help="The case as JSON values.").tag(sync=True)
    verdict = traitlets.Dict(help="The judgement of the last answer: right, word and reasoning.").tag(sync=True)
    score_text = traitlets.Unicode().tag(sync=True)
    palette = traitlets.Dict().tag(sync=True)
    initial_scene = traitlets.Dict(help="The scene of the first case.").tag(sync=True)

    def __init__(self, name: str, seed: int | None = None, score: Score | None = None) -> None:
        self._lock = threading.RLock()
        self._exercise = find(name)
        self._score = SCORE if score is None else score
        self._score_display: Any = None
        super().__init__(title=self._exercise.title, palette=palette())
        self.add_class("specwidget")
        self.on_msg(self._receive)
        self._load_case(random.randrange(LARGEST_SEED) if seed is None else seed)
        self.initial_scene = initial_scene(self._case.scene)

    @property
    def current(self) -> Case:
        """The current case."""
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
            case = self._case.kind, self._case.seed
            found = judge(self._case, answer, self._score.attempt(*case))
            self._score.record(*case, answer)
            self._update_score()
            self.verdict = {"right": found.right, "word": found.verdict, "reasoning": found.reasoning}
            return found

    def next_case(self) -> Case:
        """Draw the next case."""
        with self._lock:
            self._load_case(self._case.seed + 1)
            return self._case

    def _load_case(self, seed: int) -> None:
        """Draw the case of a seed, and show it."""
        self._case = draw(self._exercise.name, seed)
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
        self._update_score()
        self._send_scene()

    def _receive(self, _widget: Any, content: dict[str, Any], _buffers: list[Any]) -> None:
        """Handle a message of a view: an answer, or a request for a case, the scene or a sound."""
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
                # The click may arrive after the next case, which has other sounds.
                if content.get("name") in self._case.sounds:
                    send_sound(self, content["name"], self._case.sounds[content["name"]]())

    def _send_scene(self) -> None:
        """Send the scene of the case, if it has one."""
        if self._case.scene is not None:
            header, buffers = encode_scene(self._case.scene)
            self.send({"kind": "scene", "header": {"serial": self._case.seed, **header}}, buffers)

    def _update_score(self) -> None:
        """Show the score in the page and in the output of the cell."""
        self.score_text = self._score.to_text(self._exercise.name)
        if self._score_display is not None:
            self._score_display.update(self._score_bundle(), raw=True)

    def _score_bundle(self) -> dict[str, Any]:
        """Return the score as the output of the cell."""
        return {"text/plain": f"Score, {self.title}: {self.score_text}"}

    def _ipython_display_(self) -> None:
        """Display the exercise, and below it the score as text, which is saved with the notebook."""
        from IPython.display import display

        super()._ipython_display_()
        self._score_display = display(self._score_bundle(), raw=True, display_id=True)  # type: ignore[no-untyped-call]

    def static_fallback(self) -> StaticFallback:
        """Return the question as text, with its scene as an image."""
        scene = self._case.scene
        how = f'Answer with specwidget.teach.check("{self._case.kind}", {self._case.seed}, answer).'
        text = f"{self._case.to_text()}\n{how}"
        if scene is None:
            return StaticFallback(text)
        return StaticFallback(text, lambda: to_png(draw_scene(scene)), scene.caption, above=text)


def ask(name: str, seed: int | None = None) -> ExerciseWidget:
    """Create the widget of an exercise.

    Parameters
    ----------
    name : str
        A key of `specwidget.teach.exercises.EXERCISES`.
    seed : int, optional
        Seed of the first case; None is a random one.

    Returns
    -------
    ExerciseWidget
        A cell displays it as its last expression.

    Raises
    ------
    ValueError
        If there is no such exercise.
    TypeError
        If `name` is not a string or `seed` not an integer.
    """
    return ExerciseWidget(name, seed)
