"""The rail: the controls, one for each field of what is looked at."""
