"""The built-in simulator: one world, every platform's own bytes, over HTTP (`server`) and in process (`wire`)."""
