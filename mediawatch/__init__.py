"""mediawatch proves which government new-media accounts are silent, empty or broken, and tells who answers for them."""

__version__ = "0.1.0"
