"""How the console looks: dark, light, high contrast, and the terminal's own sixteen colours. Data.

Colour never says anything alone: marks and words say it too. A theme must not change what is shown.
"""

from __future__ import annotations

from textual.theme import Theme

from mediawatch.locale import N_

CONTRAST = Theme(
    name="contrast",
    primary="#ffff00",
    secondary="#00ffff",
    warning="#ffd700",
    error="#ff5555",
    success="#55ff55",
    accent="#ffffff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    boost="#303030",
    dark=True,
    luminosity_spread=0.25,
    variables={"footer-background": "#000000", "footer-key-foreground": "#ffff00", "text-error": "#ff7777"},
)

THEMES = {
    "textual-dark": N_("dark"),
    "textual-light": N_("light"),
    "contrast": N_("high contrast"),
    "ansi-dark": N_("16 colours, dark"),
    "ansi-light": N_("16 colours, light"),
}
"""The themes in the order in which the key goes through them."""
