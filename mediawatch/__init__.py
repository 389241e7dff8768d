"""mediawatch proves which government new-media accounts are silent, empty or broken, and tells the people who answer for them."""

__version__ = "0.1.0"
