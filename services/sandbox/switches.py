"""Switches: what no public source proves about a vendor, both readings served.

Each vendor has a table of its own; a switch says what it decides, and what it may be.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


class SwitchError(ValueError):
    """No such switch, or not one of its values."""


Setting = bool | int | float | str


@dataclass(frozen=True)
class Switch:
    default: Setting
    says: str
    values: tuple[str, ...] = ()


@dataclass
class Switches:
    known: Mapping[str, Switch]
    chosen: dict[str, Setting] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Setting:
        return self.chosen.get(name, self.known[name].default)

    def is_on(self, name: str) -> bool:
        return self[name] is True

    def number(self, name: str) -> float:
        return float(self[name])

    def choose(self, wanted: Mapping[str, object]) -> None:
        checked = {name: self._checked(name, value) for name, value in wanted.items()}
        self.chosen.update(checked)

    def shown(self) -> dict[str, dict[str, object]]:
        return {
            name: {"value": self[name], "default": switch.default, "says": switch.says}
            | ({"values": list(switch.values)} if switch.values else {})
            for name, switch in self.known.items()
        }

    def _checked(self, name: str, value: object) -> Setting:
        switch = self.known.get(name)
        if switch is None:
            raise SwitchError(f"there is no switch {name}")
        if switch.values:
            if str(value) not in switch.values:
                raise SwitchError(f"{name} is one of {', '.join(switch.values)}, not {value}")
            return str(value)
        if isinstance(switch.default, bool):
            if not isinstance(value, bool):
                raise SwitchError(f"{name} is true or false, not {value}")
            return value
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise SwitchError(f"{name} is a number of 0 or more, not {value}")
        return value
