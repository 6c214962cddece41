"""Where ASVS 5.0 and 等保三级 disagree about signing in: two sets of values, chosen by SECURITY_PRESET."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """Defaults of the settings named in `.env.example`; 0 asks for nothing."""

    # Characters a password has at least.
    password_length: int
    # How many of the four kinds: small letters, capitals, figures, others.
    password_classes: int
    # Days after which a password must be changed.
    password_days: int
    # How many former passwords may not come back.
    password_history: int
    # Minutes without a click until a session ends: at a desk, and for whoever works at the door of a unit.
    idle_minutes: int
    idle_minutes_door: int
    # Posts that cannot work without a second factor (等保 8.1.4.1 d: administrators and whoever approves).
    second_factor: tuple[str, ...]


_ABOVE_THE_STATION = (
    "SYSTEM_ADMIN", "SECURITY_ADMIN", "AUDIT_ADMIN", "SUPERVISOR", "BRIGADE_LEADER", "BUREAU_OFFICER", "BUREAU_LEADER",
)  # fmt: skip
PRESETS = {
    # Length alone; rotation and composition make people choose worse passwords.
    "asvs": Preset(15, 0, 0, 0, 30, 240, _ABOVE_THE_STATION),
    # The values in use for GB/T 22239-2019 8.1.4.1; a chief approves extensions.
    "dengbao": Preset(10, 3, 90, 5, 15, 30, (*_ABOVE_THE_STATION, "CHIEF")),
}
