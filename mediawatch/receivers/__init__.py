"""The set of receivers, by kind. Adding one is one file and one line here."""
