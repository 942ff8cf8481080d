"""The keys of the page. What each does is in assets/keys.js, by the name of its action."""

from __future__ import annotations

from dataclasses import dataclass

from app import ids


@dataclass(frozen=True)
class Key:
    """One key, or several with one meaning.

    Attributes:
        keys: Values of `KeyboardEvent.key`, each with "Shift+" or "Control+" before it where they are held.
        action: Its name in assets/keys.js.
        help: What it does, for the list of keys.
        shown: How the list writes it.
        moves: The controls that it moves, any of them; where none of them is on the page it does nothing.
    """

    keys: tuple[str, ...]
    action: str
    help: str
    shown: str
    moves: tuple[str, ...] = ()


KEYS = (
    Key(("n",), "drawAgain", "draw new mini-batches", "N"),
    Key(("-",), "smallerBatch", "smaller mini-batch: 150, 149, 50, 20, 10, 5, 2, 1", "−", (ids.BATCH_SIZE,)),
    Key(("+", "="), "largerBatch", "larger mini-batch", "+", (ids.BATCH_SIZE,)),
    Key(("a",), "nextActivation", "next activation function", "A", (ids.ACTIVATION,)),
    Key(("d",), "otherDomain", "the other domain: global or local", "D", (ids.DOMAIN,)),
    Key(("v",), "nextView", "next view", "V"),
    Key(("Shift+V",), "previousView", "previous view", "Shift V"),
    Key(("1", "2", "3", "4"), "line", "the line d1, d2, d1+d2 or d1−d2", "1 2 3 4", (ids.LINE, ids.ANGLE)),
    Key(("[",), "turnBack", "turn the slope's direction by −5°", "[", (ids.SLOPE_ANGLE,)),
    Key(("]",), "turnOn", "turn the slope's direction by +5°", "]", (ids.SLOPE_ANGLE,)),
    Key(
        ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"),
        "movePoint",
        "move the point that is explained",
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
    Key((" ",), "step", "the next step, where there are steps", "Space"),
    Key(("b",), "back", "one step back", "B"),
    Key(("p",), "play", "play or pause", "P"),
    Key(("Home",), "restart", "back to the first step", "Home"),
    Key(("End",), "finish", "on to the last step", "End"),
    Key(("s",), "listen", "Explore: hear the line, or stop", "S", (ids.FIELD,)),
    Key(("Control+z",), "undo", "undo", "Ctrl Z"),
    Key(("Control+y", "Control+Shift+Z"), "redo", "redo", "Ctrl Y"),
    Key(("PageDown",), "nextScene", "tour: begin, and the next scene", "PageDown"),
    Key(("PageUp",), "previousScene", "tour: the scene before", "PageUp"),
    Key(("Enter",), "reveal", "tour: reveal", "Enter"),
    Key(("Escape",), "leaveTour", "leave the tour", "Esc"),
    Key(("l",), "share", "copy the link", "L"),
    Key(("e",), "export", "export: numbers, study, Python, what to cite", "E"),
    Key(("g",), "glossary", "the glossary", "G"),
    Key(("?",), "keys", "this list", "?"),
)
"""Keys are heeded where nothing is being typed or moved by them already."""
