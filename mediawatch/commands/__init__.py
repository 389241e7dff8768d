"""The commands, one module for each group. They build things and show things; they decide nothing."""
