"""The rules, as pure functions: the same code runs live, in the replay and in the tests."""
