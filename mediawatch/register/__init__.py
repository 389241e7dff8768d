"""The register: files and tables that people keep, read, changed by commands, and put into the store."""
