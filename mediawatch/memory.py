"""What is loaded for good is left out of the garbage collector's walks.

A full walk over rulebooks, lists of words and all modules takes a tenth of a second, and the event loop waits for it.
"""

from __future__ import annotations

import gc


def settle() -> None:
    """All that lives now stays for as long as the process does. Called once, when everything is set up."""
    gc.collect()
    gc.freeze()
