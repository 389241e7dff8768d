"""The set of adapters, by kind. Adding one is one file and one line here."""
