"""How each table is walled: one reviewed list. A model that is not in it fails a test and stops `raise_wall`."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Columns:
    """The row carries its place: bureau, station, office (those of the three the table has)."""

    columns: tuple[str, ...] = ("bureau_id", "station_id", "office_id")
    # A row is also seen under this address, by whoever holds the link.
    token: str = ""
    # Under this condition it is published: seen by whoever works in the bureau or guides one of its stations.
    published: str = ""


@dataclass(frozen=True)
class Through:
    """The row is seen with the row it hangs on; the policy of that table decides."""

    parent: str


@dataclass(frozen=True)
class Own:
    """The row is one person's."""

    column: str


@dataclass(frozen=True)
class Trail:
    """Append-only: read by place or by the auditor, written by everybody, changed and removed by nobody."""


@dataclass(frozen=True)
class Chain:
    """Append-only, hashes alone: the worker appends, everybody reads."""


@dataclass(frozen=True)
class Open:
    """Nothing of one station is in it: read by every request, for the reason given."""

    why: str
    app_writes: bool = True


Rule = Columns | Through | Own | Trail | Chain | Open


@dataclass(frozen=True)
class Table:
    """A rule, and whether a request removes rows: only of these tables may the web's role delete."""

    rule: Rule
    deletes: bool = field(default=False)


LAW = "what the law says, the same for all"
DIRECTORY = "who and what there is: read before anybody has signed in, and printed as names on papers"
ENTRANCE = "how people get in, and failed attempts: read before it is known who asks"
SETTING = "a setting of a bureau, no facts of a case"
DJANGO = "Django's own"

TABLES: dict[str, Table] = {
    "trail.AuditEntry": Table(Trail()),
    "trail.Seal": Table(Chain()),
    "trail.Checkpoint": Table(Chain()),
    "trail.Alarm": Table(Open("that there was reason to tell an administrator, and who answered for it")),
    "trail.Run": Table(Open("that an auditor had the chain verified or exported, and how many links were found")),
    "stations.Organisation": Table(Open(DIRECTORY)),
    "stations.User": Table(Open(DIRECTORY)),
    "stations.Posting": Table(Open(DIRECTORY)),
    "stations.Guidance": Table(Open(DIRECTORY), deletes=True),
    "stations.UserSession": Table(Open(ENTRANCE), deletes=True),
    "stations.KnownDevice": Table(Open(ENTRANCE), deletes=True),
    "stations.FormerPassword": Table(Open(ENTRANCE), deletes=True),
    "stations.RecoveryCode": Table(Open(ENTRANCE), deletes=True),
    "stations.Telephone": Table(Open(ENTRANCE), deletes=True),
    "stations.Knock": Table(Open(ENTRANCE), deletes=True),
    "axes.AccessAttempt": Table(Open(ENTRANCE), deletes=True),
    "axes.AccessAttemptExpiration": Table(Open(ENTRANCE), deletes=True),
    "axes.AccessFailureLog": Table(Open(ENTRANCE), deletes=True),
    "axes.AccessLog": Table(Open(ENTRANCE), deletes=True),
    "otp_totp.TOTPDevice": Table(Open(ENTRANCE), deletes=True),
    "django_otp_webauthn.WebAuthnCredential": Table(Open(ENTRANCE), deletes=True),
    "django_otp_webauthn.WebAuthnAttestation": Table(Open(ENTRANCE), deletes=True),
    "django_otp_webauthn.WebAuthnUserHandle": Table(Open(ENTRANCE), deletes=True),
    "stations.Message": Table(Own("user_id")),
    "deadlines.CalendarDay": Table(Open(LAW), deletes=True),
    "deadlines.CalendarYear": Table(Open(LAW)),
    "deadlines.DeadlineRule": Table(Open(LAW), deletes=True),
    "deadlines.Clock": Table(Columns()),
    "deadlines.Notice": Table(Through("clock_id")),
    "records.Bundle": Table(Columns()),
    "records.DocumentCounter": Table(Open("the last number of a series, counted on by its police offices too")),
    "records.Document": Table(Columns(token="token", published="kind = 'BULLETIN'")),  # noqa: S106 - a column
    "records.DocumentFile": Table(Through("document_id")),
    "records.Scan": Table(Through("document_id")),
    "records.NumberPattern": Table(Open(SETTING), deletes=True),
    "records.Seal": Table(Open("which stamp an office uses, kept by the security administrator of the bureau")),
    "units.Category": Table(Open(LAW)),
    "units.CategoryAlias": Table(Open(LAW)),
    "units.Unit": Table(Columns()),
    "units.ImportBatch": Table(Columns(("bureau_id", "station_id"))),
    "units.ImportRow": Table(Through("batch_id"), deletes=True),
    "units.ColumnMemory": Table(Open(SETTING)),
    "units.Handover": Table(Columns()),
    "units.PledgeTerms": Table(Open(SETTING), deletes=True),
    "units.Pledge": Table(Columns()),
    "inspections.HazardType": Table(Open(LAW)),
    "inspections.OrderItemRule": Table(Open(LAW)),
    "inspections.OrderBasis": Table(Open(SETTING), deletes=True),
    "inspections.Checklist": Table(Open(LAW)),
    "inspections.ChecklistItem": Table(Open(LAW)),
    "inspections.ChecklistItem_hazard_types": Table(Open(LAW)),
    "inspections.Inspection": Table(Columns()),
    "inspections.Answer": Table(Through("inspection_id"), deletes=True),
    "inspections.Finding": Table(Through("inspection_id"), deletes=True),
    "inspections.Photo": Table(Through("inspection_id"), deletes=True),
    "inspections.Signature": Table(Through("inspection_id"), deletes=True),
    "inspections.Complaint": Table(Columns()),
    "hazards.Order": Table(Columns()),
    "hazards.Withdrawal": Table(Through("order_id")),
    "hazards.Hazard": Table(Columns()),
    "hazards.Dispatch": Table(Columns(token="token")),  # noqa: S106 - a column
    "hazards.Referral": Table(Columns()),
    "hazards.Referral_hazards": Table(Through("referral_id")),
    "hazards.Report": Table(Columns()),
    "hazards.Reissue": Table(Through("old_id")),
    "hazards.Reinspection": Table(Columns()),
    "hazards.Outcome": Table(Through("reinspection_id")),
    "hazards.AfterPhoto": Table(Through("reinspection_id")),
    "hazards.Service": Table(Through("order_id")),
    "hazards.Extension": Table(Columns()),
    "hazards.Extension_hazards": Table(Through("extension_id")),
    "filings.Filing": Table(Columns()),
    "filings.Review": Table(Through("filing_id")),
    "filings.Defect": Table(Open(LAW)),
    "filings.Remark": Table(Through("review_id")),
    "filings.MonthlyReport": Table(Columns()),
    "assessments.Scheme": Table(Open(SETTING)),
    "assessments.Indicator": Table(Open(SETTING), deletes=True),
    "assessments.Assessment": Table(Columns(published="true")),
    "assessments.Score": Table(Through("assessment_id")),
    "assessments.Bulletin": Table(Columns(published="state <> 'DRAFT'")),
    "auth.Permission": Table(Open(DJANGO, app_writes=False)),
    "auth.Group": Table(Open(DJANGO, app_writes=False)),
    "auth.Group_permissions": Table(Open(DJANGO, app_writes=False)),
    "contenttypes.ContentType": Table(Open(DJANGO, app_writes=False)),
    "sessions.Session": Table(Open(ENTRANCE), deletes=True),
}
