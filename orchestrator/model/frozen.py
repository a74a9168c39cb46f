"""Frozen data by declaration: fields are the annotations in order, and values are equal if all their fields are.

To type checkers a subclass is a frozen dataclass. It is none, because programs have to start fast: `dataclasses` writes
and compiles six functions a class and draws the interpreter's disassembler in, which for the journal's vocabulary alone
is as long as it takes to start Python.
"""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn, Self, dataclass_transform

_set = object.__setattr__


@dataclass_transform(frozen_default=True)
class Frozen:
    """Fields are written `name: type`, or `name: type = default` where the default is immutable too."""

    __match_args__: ClassVar[tuple[str, ...]] = ()
    """The fields, in order."""
    _names: ClassVar[frozenset[str]] = frozenset()
    _defaults: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls) -> None:
        own = (name for name, kind in cls.__annotations__.items() if not kind.startswith("ClassVar"))
        cls.__match_args__ = (*cls.__match_args__, *own)  # type: ignore[misc] # final only to mypy
        cls._names = frozenset(cls.__match_args__)
        cls._defaults = {name: getattr(cls, name) for name in cls.__match_args__ if hasattr(cls, name)}

    def __init__(self, *values: Any, **named: Any) -> None:
        fields = self.__match_args__
        if named or len(values) != len(fields):
            values = self._in_order(values, named)
        for name, value in zip(fields, values, strict=True):
            _set(self, name, value)

    @classmethod
    def _in_order(cls, values: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        fields = cls.__match_args__
        given = dict(zip(fields, values, strict=False)) | named
        whole = cls._defaults | given
        if len(given) < len(values) + len(named) or whole.keys() != cls._names:
            raise TypeError(f"{cls.__name__} takes {', '.join(fields)}")
        return tuple([whole[name] for name in fields])

    def but(self, **changes: Any) -> Self:
        """A copy with these fields changed."""
        return type(self)(**{**vars(self), **changes})

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), *vars(self).values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be deleted")
