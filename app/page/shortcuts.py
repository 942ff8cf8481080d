"""Keyboard shortcuts. What each does is in frontend/src/page/keys.ts, by the name of its action."""

from __future__ import annotations

from dataclasses import dataclass

from app.page import ids


@dataclass(frozen=True)
class Key:
    """One key, or several with one meaning."""

    # values of `KeyboardEvent.key`, each with "Shift+" or "Control+" before it where they are held
    keys: tuple[str, ...]
    action: str  # its name in frontend/src/page/keys.ts
    help: str  # what it does, for the list of keys
    shown: str  # how the list writes it
    # the controls that it moves, any of them; where none of them is on the page it does nothing
    moves: tuple[str, ...] = ()


KEYS = (
    Key(("n",), "drawAgain", "draw new mini-batches", "N", (ids.DRAW_AGAIN,)),
    Key(("-",), "smallerBatch", "smaller mini-batch: all samples, all but one, … 10, 5, 2, 1", "−", (ids.BATCH_SIZE,)),
    Key(("+", "="), "largerBatch", "larger mini-batch", "+", (ids.BATCH_SIZE,)),
    Key(("a",), "nextActivation", "next activation function", "A", (ids.ACTIVATION,)),
    Key(("d",), "otherDomain", "the other domain: global or local", "D", (ids.DOMAIN,)),
    Key(("v",), "nextView", "next view", "V"),
    Key(("Shift+V",), "previousView", "previous view", "Shift V"),
    Key(
        ("1", "2", "3", "4"),
        "line",
        "the line d1, d2, d1+d2 or d1−d2; Compare: it stands out, or no more",
        "1 2 3 4",
        (ids.LINE, ids.ANGLE),
    ),
    Key(("[",), "turnBack", "turn the slope's direction by −5°", "[", (ids.SLOPE_ANGLE,)),
    Key(("]",), "turnOn", "turn the slope's direction by +5°", "]", (ids.SLOPE_ANGLE,)),
    Key(
        ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"),
        "movePoint",
        "move the selected point",
        "← → ↑ ↓",
        (ids.AT_D1, ids.AT_D2),
    ),
    Key(
        ("Shift+ArrowLeft", "Shift+ArrowRight", "Shift+ArrowUp", "Shift+ArrowDown"),
        "turnCamera",
        "turn the surfaces",
        "Shift ← → ↑ ↓",
        (ids.CAMERAS,),
    ),
    Key((" ",), "step", "next step", "Space"),
    Key(("b",), "back", "one step back", "B"),
    Key(("p",), "play", "play or pause", "P"),
    Key(("Home",), "restart", "back to the first step", "Home"),
    Key(("End",), "finish", "on to the last step", "End"),
    Key(("s",), "listen", "Explore: hear the line, or stop", "S", (ids.FIELD,)),
    Key(("Control+z",), "undo", "undo", "Ctrl Z"),
    Key(("Control+y", "Control+Shift+Z"), "redo", "redo", "Ctrl Y"),
    Key(("PageDown",), "nextScene", "tour: begin, reveal, next scene", "PageDown"),
    Key(("PageUp",), "previousScene", "tour: previous scene", "PageUp"),
    Key(("Enter",), "reveal", "tour: reveal", "Enter"),
    Key(("Escape",), "leave", "leave full screen, or the tour", "Esc"),
    Key(("f",), "fullScreen", "one panel full screen: that with the focus or under the mouse", "F"),
    Key(("x",), "otherPair", "projector: the other pair of pictures", "X"),
    Key(("\\",), "sidebar", "put the controls away, or show them", "\\"),
    Key(
        ("r",),
        "rescale",
        "fit scales to what is shown; else they stay while mini-batches change",
        "R",
        (ids.BATCH_SIZE,),
    ),
    Key(("l",), "share", "copy the link", "L"),
    Key(("e",), "export", "export: numbers, study, Python, what to cite", "E"),
    Key(("g",), "glossary", "the glossary", "G"),
    Key(("i",), "about", "about this page, and the paper", "I"),
    Key(("?",), "keys", "this list", "?"),
)
"""Keys do nothing while the focus is in a control that uses them itself."""
