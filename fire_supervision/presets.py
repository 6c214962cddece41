"""Where ASVS 5.0 and 等保三级 disagree about signing in: two sets of values, chosen by SECURITY_PRESET."""

from dataclasses import dataclass

# In `stations.passwords`, asked by both: what each asks is in its values.
PASSWORD_RULES = ("Length", "Classes", "Simple", "OwnWords", "NotAgain", "NotBreached")


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
    # Posts that cannot work without a second factor.
    second_factor: tuple[str, ...]


# ASVS 6.3.3 and 等保 8.1.4.1 d make no exception of posts: at the door a passkey is a finger on the telephone.
EVERY_POST = (
    "ASSISTANT", "OFFICER", "CHIEF", "SUPERVISOR", "BRIGADE_LEADER", "BUREAU_OFFICER", "BUREAU_LEADER",
    "SYSTEM_ADMIN", "SECURITY_ADMIN", "AUDIT_ADMIN",
)  # fmt: skip
# The same in both: what the settings have by default, and `check --deploy` takes for the loosest.
LOCK_FAILURES, LOCK_MINUTES = 5, 30
SESSION_HOURS, STEP_UP_HOURS, STEP_UP_MINUTES = 12, 8, 5
FIRST_PASSWORD_DAYS = 7
PRESETS = {
    # Length alone; rotation and composition make people choose worse passwords.
    "asvs": Preset(15, 0, 0, 0, 30, 240, EVERY_POST),
    # The values in use for GB/T 22239-2019 8.1.4.1.
    "dengbao": Preset(10, 3, 90, 5, 15, 30, EVERY_POST),
}
