"""The store: the only place with SQL. It keeps what was seen, what follows, and what was promised; it never judges."""
