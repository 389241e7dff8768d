"""The daemon's faces: a control socket for its own user, and a listener for everybody else who holds a token."""
