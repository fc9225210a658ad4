"""Fuzzing: whatever comes from outside is thrown at whoever reads it, at random and mangled; `python -m tests.fuzz.run`."""
