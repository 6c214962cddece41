"""What the brigade does every day: it looks at the papers, and passes or returns them."""

from dataclasses import dataclass
from datetime import date
from random import Random

from desk.demo.days import Days, moment
from desk.demo.people import Town
from filings.actions import Objection, open_filing, pass_filing, refile, return_filing, round_of
from filings.models import Defect
from records.models import Document, ReviewState


@dataclass
class Brigade:
    """The supervisors of the demo."""

    town: Town
    days: Days
    rng: Random

    def __post_init__(self) -> None:
        self.defects = list(Defect.objects.all())

    def review(self, day: date) -> None:
        """Each supervisor looks at what has waited two working days; one paper in twelve goes back."""
        before = self.days.working_before(day, 2)
        waiting = Document.objects.valid().filter(
            review_state__in=[ReviewState.PENDING, ReviewState.REFILED], issued_on__lte=before
        )
        for paper in waiting.order_by("pk"):
            # The last papers of the span stay in the queue: there is work on the supervisor's first page.
            if (self.days.today - paper.issued_on).days <= 8 or self.rng.random() < 0.35:
                continue
            self._decide(paper, day)

    def _decide(self, paper: Document, day: date) -> None:
        supervisor = self.town.supervisors[paper.station_id]
        at = moment(day, 15, self.rng.randrange(60))
        open_filing(paper, supervisor, at)
        number = round_of(paper)
        if number == 1 and self.rng.random() < 0.08:
            return_filing(paper, supervisor, self.objections(), round_=number, at=at)
            # Only what came back lately is still unanswered.
            if (self.days.today - day).days > 12 or self.rng.random() < 0.5:
                self.days.on(self.days.working_after(day, 2), lambda on: self._answer_return(paper.pk, number, on))
        else:
            pass_filing(paper, supervisor, round_=number, at=at)

    def objections(self) -> list[Objection]:
        return [Objection(self.rng.choice(self.defects), "隐患没有写明部位和数量，请补正后再报")]

    def _answer_return(self, paper_id: int, number: int, on: date) -> None:
        paper = Document.objects.get(pk=paper_id)
        if paper.review_state == ReviewState.RETURNED:
            refile(
                paper,
                paper.issued_by,
                round_=number,
                answer="已补充部位和数量，见附件照片。",
                answers={},
                at=moment(on, 10),
            )
