from __future__ import annotations

import re

from toolkit import errors


def _classes() -> dict[str, type[errors.ToolkitError]]:
    return {
        name: value
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.ToolkitError)
    }


def test_the_tree_in_the_docstring_is_the_tree_in_the_code() -> None:
    assert errors.__doc__ is not None
    drawn: dict[str, int] = {}
    for line in errors.__doc__.splitlines():
        found = re.match(r"^(\s*[├└│─ ]*)([A-Z]\w+Error)\b", line)
        if found:
            drawn[found[2]] = len(found[1])
    assert set(drawn) == set(_classes())
    for name, cls in _classes().items():
        if cls is not errors.ToolkitError:
            assert drawn[cls.__base__.__name__] < drawn[name]


def test_exit_codes() -> None:
    for cls in _classes().values():
        error = cls("what", next_step="do this")
        user_fault = issubclass(cls, (errors.InputError, errors.SettingsError))
        assert error.exit_code == (2 if user_fault else 1)
        assert (str(error), error.next_step, error.name) == ("what", "do this", cls.__name__)
