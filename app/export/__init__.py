"""Exports: files, tables, code and citations."""
