"""What can happen at a visit, in the proportions of an ordinary station; each state of the product comes up."""

from dataclasses import dataclass
from random import Random

from hazards.models import Method


@dataclass(frozen=True)
class Scene:
    """One story: the hazards found, and how the unit and the officers go on. None as a delay: it is never done."""

    name: str
    codes: tuple[str, ...] = ()
    fixed: bool = False
    grave: bool = False
    refused: bool = False
    early: bool = False
    fails: bool = False
    service_delay: int | None = 1
    recheck_delay: int | None = 1
    referral_delay: int | None = 3
    voided: bool = False
    way: Method = Method.DIRECT
    # What the chief says to a unit that asks for more time: "granted", "refused", "waiting"; empty when none asks.
    more_time: str = ""
    # A link was sent to the unit's phone and nobody has opened it yet.
    link: bool = False

    @property
    def unfinished(self) -> bool:
        """Whether something of it is left undone for good."""
        delays = (self.service_delay, self.recheck_delay, self.referral_delay)
        return None in delays or self.way == Method.NOTICE


STORIES: tuple[tuple[int, Scene], ...] = (
    (44, Scene("clean")),
    (8, Scene("fixed on the spot", ("EV01",), fixed=True)),
    (12, Scene("corrected in time", ("EQ02",))),
    (8, Scene("two hazards", ("EV06", "EV07"))),
    (6, Scene("order at once and later", ("EQ03", "MG04"))),
    (5, Scene("asked early, half done", ("EV06", "EV07"), early=True)),
    (4, Scene("failed and referred", ("EQ02",), fails=True)),
    (2, Scene("failed, not yet referred", ("MG02",), fails=True, referral_delay=None)),
    (2, Scene("re-inspected late", ("EV07",), recheck_delay=6)),
    (2, Scene("never re-inspected", ("EQ02",), recheck_delay=None)),
    (2, Scene("never served", ("EV06",), service_delay=None)),
    (1, Scene("locked exit, grave", ("EV02",), grave=True)),
    (2, Scene("opened without inspection", ("BD05",))),
    (2, Scene("wires, urged", ("EL01",))),
    (2, Scene("refused to sign", ("EQ02",), refused=True, way=Method.LEAVE)),
    (2, Scene("manager took it", ("EV06",), way=Method.PROXY)),
    (1, Scene("sent by mail", ("EQ02",), service_delay=3, way=Method.MAIL)),
    (1, Scene("served in another town", ("EV07",), service_delay=3, way=Method.ENTRUST)),
    (2, Scene("served by phone", ("EQ02",), way=Method.ELECTRONIC)),
    (1, Scene("nobody to be found", ("EQ02",), way=Method.NOTICE)),
    (2, Scene("more time granted", ("EQ02",), more_time="granted")),
    (1, Scene("more time refused", ("EQ02",), more_time="refused")),
)
# What happened in the main station in the last working days, latest first: the work of the demo's first page.
LATELY = (
    Scene("ordered, to be served", ("EV06",), service_delay=9),
    Scene("opened without inspection, to be referred", ("BD05",), referral_delay=9),
    Scene("served, period running", ("EQ08",), service_delay=0),
    Scene("voided, to be corrected", ("EV07",), service_delay=9, voided=True),
    Scene("link sent, not opened yet", ("EV07",), service_delay=9, link=True),
    Scene("handed over, with the brigade", ("BD05",), referral_delay=1),
    Scene("handed over, not yet received", ("BD05",), referral_delay=5),
    Scene("more time asked for", ("EQ08",), service_delay=0, more_time="waiting"),
)
# So that no story is left to luck, the main station lives each of them once.
STORY_OF_EACH = tuple(story for _, story in STORIES)
CLEAN = STORY_OF_EACH[0]


def choose(rng: Random) -> Scene:
    """The story of one visit."""
    return rng.choices(STORY_OF_EACH, [weight for weight, _ in STORIES])[0]
