"""The pure core: values and functions over them. It must never do IO, read a clock or draw a random number."""
