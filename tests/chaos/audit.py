"""What the records say must be there, read by plain SQL: none of the code that wrote it is asked.

Each check selects the offending rows, as one column of words. LOST: a duty, a paper or an entry that should be there
and is not. DOUBLED: two where one belongs. SKIPPED: a hole in a series of numbers.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from django.db import connection

ORDER, VISIT, PAPER = "'hazards.order'", "'inspections.inspection'", "'records.document'"


class Fault(StrEnum):
    LOST = "lost"
    DOUBLED = "doubled"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Check:
    fault: Fault
    says: str
    sql: str


@dataclass(frozen=True)
class Finding:
    fault: Fault
    says: str


def clocks(rule: str, subject: str, owner: str, *also: str) -> str:
    """The running clocks of ``rule`` about the row ``owner``, to be counted."""
    more = "".join(f" AND {condition}" for condition in also)
    return (
        f"(SELECT count(*) FROM deadlines_clock c WHERE c.rule_code {rule} AND c.subject_type = {subject} "
        f"AND c.subject_id = {owner}.id AND c.state = 'RUNNING'{more})"
    )


def entries(action: str, subject: str, owner: str) -> str:
    return (
        f"(SELECT count(*) FROM trail_auditentry a WHERE a.action = '{action}' AND a.subject_type = '{subject}' "
        f"AND a.subject_id = {owner}.id)"
    )


SERVE = "IN ('ORDER_NOW_SERVE', 'ORDER_LIMIT_SERVE')"
# A period that was answered by an early visit runs on under the key of that visit.
OWN = "NOT EXISTS (SELECT 1 FROM hazards_reinspection e WHERE e.clock_id = c.id AND e.early)"
OPEN = "h.state IN ('OPEN', 'DUE') AND h.order_id IS NOT NULL"
# A notice that outlasts the period, or the chief who has to issue anew what had ended when it was served.
INSTEAD = (
    f"EXISTS (SELECT 1 FROM deadlines_clock k WHERE k.subject_type = {ORDER} AND k.subject_id = h.order_id "
    "AND k.state = 'RUNNING' AND ((k.rule_code = 'SERVE_NOTICE' AND k.due_on >= h.deadline) "
    "OR (k.rule_code = 'REISSUE_LATE' AND k.started_on > h.deadline)))"
)
BOUND = f"{OPEN} AND NOT {INSTEAD}"
PERIODS = f"(SELECT DISTINCT h.order_id AS id, h.deadline FROM hazards_hazard h WHERE {BOUND})"
# The service of an order from before the system came in with the order; its receipt is in the paper file.
REGISTERED = "EXISTS (SELECT 1 FROM hazards_order o WHERE o.id = x.order_id AND o.document_id > 0)"
WAITING = (
    "(SELECT DISTINCT h.inspection_id AS id, CASE WHEN t.order_item = '33(2)' THEN 'REFER_5WD' ELSE 'REFER_OTHER' END "
    "AS rule FROM hazards_hazard h JOIN inspections_hazardtype t ON t.id = h.hazard_type_id "
    "WHERE h.state = 'TO_REFER' AND h.order_id IS NULL)"
)


def each(table: str, alias: str, words: str, where: str, count: str) -> list[tuple[Fault, str]]:
    """One is right; none is lost, more are doubled."""
    select = f"SELECT {words} FROM {table} {alias} WHERE {where} AND {count}"
    return [(Fault.LOST, f"{select} = 0"), (Fault.DOUBLED, f"{select} > 1")]


def once(says: str, table: str, alias: str, words: str, where: str, count: str) -> list[Check]:
    return [Check(fault, says, sql) for fault, sql in each(table, alias, words, where, count)]


def act(action: str, subject: str, table: str, where: str = "1 = 1") -> list[Check]:
    """Each act has exactly one entry in the trail."""
    words = f"'{subject} ' || CAST(x.id AS varchar(20))"
    return once(f"entry {action}", table, "x", words, where, entries(action, subject, "x"))


def followed(says: str, table: str, subject: str, kind: str, where: str = "1 = 1") -> list[Check]:
    """Each act that leaves a paper has exactly one, and the row of the act leads to it."""
    words = f"'{subject} ' || CAST(x.id AS varchar(20))"
    papers = (
        f"(SELECT count(*) FROM records_document d WHERE d.id = x.document_id AND d.kind = '{kind}' "
        f"AND d.subject_type = '{subject}' AND d.subject_id = x.id)"
    )
    return once(says, table, "x", words, where, papers)


_NOTICED = "EXISTS (SELECT 1 FROM deadlines_notice n WHERE n.clock_id = x.id AND n.step = '{0}')"


def twice(says: str, table: str, columns: str) -> Check:
    words = " || ' ' || ".join(f"COALESCE(CAST({column} AS varchar(200)), '-')" for column in columns.split(", "))
    return Check(Fault.DOUBLED, says, f"SELECT {words} FROM {table} GROUP BY {columns} HAVING count(*) > 1")


CHECKS: list[Check] = [
    # ---- papers ----
    *once(
        "record of a concluded visit", "inspections_inspection", "i", "'visit ' || CAST(i.id AS varchar(20))",
        "i.state = 'SUBMITTED'",
        f"(SELECT count(*) FROM records_document d WHERE d.subject_type = {VISIT} AND d.subject_id = i.id "
        "AND d.kind = 'INSPECTION_RECORD')",
    ),
    *once(
        "paper of an order", "hazards_order", "o", "o.number", "o.inspection_id IS NOT NULL",
        f"(SELECT count(*) FROM records_document d WHERE d.subject_type = {ORDER} AND d.subject_id = o.id "
        "AND d.id = o.document_id AND d.number = o.number)",
    ),
    Check(
        Fault.LOST, "order of a paper",
        f"SELECT d.number FROM records_document d WHERE d.subject_type = {ORDER} "
        "AND NOT EXISTS (SELECT 1 FROM hazards_order o WHERE o.document_id = d.id)",
    ),
    *once(
        "hazard of a finding", "inspections_finding", "f", "'finding ' || CAST(f.id AS varchar(20))",
        "EXISTS (SELECT 1 FROM inspections_inspection i WHERE i.id = f.inspection_id AND i.state = 'SUBMITTED')",
        "(SELECT count(*) FROM hazards_hazard h WHERE h.finding_id = f.id)",
    ),
    Check(Fault.LOST, "printed paper", "SELECT d.number FROM records_document d WHERE d.rendered_at IS NULL"),
    *once(
        "file of a printed paper", "records_document", "d", "d.number", "d.rendered_at IS NOT NULL",
        "(SELECT count(*) FROM records_documentfile f WHERE f.document_id = d.id AND f.copy = 'ARCHIVE')",
    ),
    *once(
        "file for the unit", "records_document", "d", "d.number",
        "d.rendered_at IS NOT NULL AND d.kind IN ('ORDER_NOW', 'ORDER_LIMIT', 'PLEDGE')",
        "(SELECT count(*) FROM records_documentfile f WHERE f.document_id = d.id AND f.copy = 'UNIT')",
    ),
    *once(
        "file for the receiver", "records_document", "d", "d.number",
        "d.rendered_at IS NOT NULL AND d.kind IN ('REFERRAL', 'HAZARD_REPORT')",
        "(SELECT count(*) FROM records_documentfile f WHERE f.document_id = d.id AND f.copy = 'RECEIVER')",
    ),
    *followed("receipt of a service", "hazards_service", "hazards.service", "SERVICE_RECEIPT", REGISTERED),
    *followed(
        "consent signed on the screen", "hazards_dispatch", "hazards.dispatch", "SERVICE_CONSENT",
        "x.consent IS NOT NULL",
    ),
    *followed(
        "form of a decided extension", "hazards_extension", "hazards.extension", "EXTENSION",
        "x.state IN ('APPROVED', 'REFUSED')",
    ),
    *followed(
        "record of a re-inspection", "hazards_reinspection", "hazards.reinspection", "RECHECK_RECORD",
        "x.done_on IS NOT NULL",
    ),
    *followed("letter of a referral", "hazards_referral", "hazards.referral", "REFERRAL"),
    *followed("paper of a report", "hazards_report", "hazards.report", "HAZARD_REPORT"),
    *once(
        "running review of a paper", "records_document", "d", "d.number",
        "d.state = 'ISSUED' AND d.review_state IN ('PENDING', 'REFILED')",
        clocks("= 'FILING_REVIEW'", PAPER, "d"),
    ),
    twice("two papers of one subject and kind", "records_document", "subject_type, subject_id, kind, state"),
    twice("two papers of one number", "records_document", "station_id, number"),
    twice("two orders of one visit and mode", "hazards_order", "inspection_id, mode, state, number"),
    Check(
        Fault.DOUBLED, "two orders of one visit and mode",
        "SELECT CAST(inspection_id AS varchar(20)) || ' ' || mode FROM hazards_order WHERE inspection_id IS NOT NULL "
        "AND state <> 'VOID' GROUP BY inspection_id, mode HAVING count(*) > 1",
    ),
    # ---- duties that should run ----
    *once(
        "running service of an unserved order", "hazards_order", "o", "o.number", "o.state = 'ISSUED'",
        clocks(SERVE, ORDER, "o"),
    ),
    Check(
        Fault.LOST, "service that met its duty",
        f"SELECT o.number FROM hazards_order o WHERE o.state IN ('SERVED', 'CLOSED') AND o.document_id IS NOT NULL "
        f"AND (SELECT count(*) FROM deadlines_clock c WHERE c.rule_code {SERVE} AND c.subject_type = {ORDER} "
        "AND c.subject_id = o.id AND c.state = 'MET') <> 1",
    ),
    Check(
        Fault.LOST, "service of a served order",
        "SELECT o.number FROM hazards_order o WHERE o.state IN ('SERVED', 'CLOSED') "
        "AND NOT EXISTS (SELECT 1 FROM hazards_service s WHERE s.order_id = o.id)",
    ),
    *once(
        "running re-inspection of a period", PERIODS, "o",
        "CAST(o.id AS varchar(20)) || ' ' || CAST(o.deadline AS varchar(20))",
        "1 = 1", clocks("= 'RECHECK'", ORDER, "o", "c.started_on = o.deadline", OWN),
    ),
    *once(
        "running referral of what failed", "(SELECT DISTINCT h.order_id AS id FROM hazards_hazard h "
        "WHERE h.state = 'TO_REFER' AND h.order_id IS NOT NULL)", "o", "CAST(o.id AS varchar(20))",
        # Each re-inspection that failed has its own: an order may have one a period.
        "1 = 1",
        "(SELECT CASE WHEN count(*) = 0 THEN 0 WHEN count(*) > "
        "(SELECT count(DISTINCT r.id) FROM hazards_reinspection r JOIN hazards_outcome u ON u.reinspection_id = r.id "
        "WHERE r.order_id = o.id AND u.passed = FALSE) THEN 2 "
        f"ELSE 1 END FROM deadlines_clock c WHERE c.rule_code = 'REFER_FAILED' AND c.subject_type = {ORDER} "
        "AND c.subject_id = o.id AND c.state = 'RUNNING')",
    ),
    *once(
        "running referral of a visit", WAITING, "w", "CAST(w.id AS varchar(20)) || ' ' || w.rule", "1 = 1",
        f"(SELECT count(*) FROM deadlines_clock c WHERE c.rule_code = w.rule AND c.subject_type = {VISIT} "
        "AND c.subject_id = w.id AND c.state = 'RUNNING')",
    ),
    *once(
        "running early re-inspection", "hazards_reinspection", "r", "'re-inspection ' || CAST(r.id AS varchar(20))",
        "r.early AND r.done_on IS NULL",
        "(SELECT count(*) FROM deadlines_clock c WHERE c.id = r.clock_id AND c.state = 'RUNNING')",
    ),
    *once(
        "report of a grave visit, running or done", "inspections_inspection", "i",
        "'visit ' || CAST(i.id AS varchar(20))",
        "i.state = 'SUBMITTED' AND EXISTS (SELECT 1 FROM hazards_hazard h WHERE h.inspection_id = i.id AND h.grave)",
        f"(SELECT count(*) FROM deadlines_clock c WHERE c.rule_code = 'REPORT_GOV' AND c.subject_type = {VISIT} "
        "AND c.subject_id = i.id AND c.state <> 'CANCELLED')",
    ),
    # ---- duties that were ended without their act ----
    Check(
        Fault.LOST, "re-inspection that met its duty",
        "SELECT c.key FROM deadlines_clock c WHERE c.rule_code = 'RECHECK' AND c.state = 'MET' AND NOT EXISTS "
        "(SELECT 1 FROM hazards_reinspection r WHERE r.order_id = c.subject_id AND r.done_on IS NOT NULL "
        "AND (r.clock_id = c.id OR r.deadline = c.started_on))",
    ),
    Check(
        Fault.LOST, "report that met its duty",
        "SELECT c.key FROM deadlines_clock c WHERE c.rule_code = 'REPORT_GOV' AND c.state = 'MET' "
        "AND NOT EXISTS (SELECT 1 FROM hazards_report r WHERE r.inspection_id = c.subject_id "
        "AND r.sent_on IS NOT NULL)",
    ),
    Check(
        Fault.LOST, "referral that met its duty",
        "SELECT c.key FROM deadlines_clock c WHERE c.rule_code IN ('REFER_FAILED', 'REFER_5WD') AND c.state = 'MET' "
        "AND NOT EXISTS (SELECT 1 FROM hazards_referral_hazards m JOIN hazards_hazard h ON h.id = m.hazard_id "
        f"WHERE (c.subject_type = {ORDER} AND h.order_id = c.subject_id) "
        f"OR (c.subject_type = {VISIT} AND h.inspection_id = c.subject_id))",
    ),
    *once(
        "report of a grave visit", "inspections_inspection", "i", "'visit ' || CAST(i.id AS varchar(20))",
        "i.state = 'SUBMITTED' AND EXISTS (SELECT 1 FROM hazards_hazard h WHERE h.inspection_id = i.id AND h.grave)",
        "(SELECT count(*) FROM hazards_report r WHERE r.inspection_id = i.id)",
    ),
    Check(
        Fault.LOST, "yearly duty that a visit met",
        "SELECT c.key FROM deadlines_clock c JOIN inspections_inspection i ON i.unit_id = c.subject_id "
        "AND i.state = 'SUBMITTED' AND i.visited_on >= c.started_on "
        "WHERE c.rule_code = 'INSPECT_MIN' AND c.state = 'RUNNING'",
    ),
    *once(
        "yearly duty of a unit", "units_unit", "u", "u.name", "u.state = 'OPEN'",
        "(SELECT count(*) FROM deadlines_clock c WHERE c.rule_code = 'INSPECT_MIN' AND c.subject_type = 'units.unit' "
        "AND c.subject_id = u.id AND c.started_on >= %(year)s)",
    ),
    *once(
        "monthly report of a station", "stations_organisation", "s", "s.name",
        "s.kind = 'STATION' AND EXISTS (SELECT 1 FROM units_unit u WHERE u.station_id = s.id "
        "AND u.created_at < %(month)s)",
        "(SELECT count(*) FROM deadlines_clock c WHERE c.rule_code = 'MONTHLY_REPORT' "
        "AND c.subject_type = 'stations.organisation' AND c.subject_id = s.id AND c.due_on >= %(month)s "
        "AND c.started_on < %(month)s)",
    ),
    Check(
        Fault.DOUBLED, "re-inspection of a period nobody waits for",
        f"SELECT c.key FROM deadlines_clock c WHERE c.rule_code = 'RECHECK' AND c.state = 'RUNNING' AND {OWN} "
        f"AND NOT EXISTS (SELECT 1 FROM hazards_hazard h WHERE {BOUND} AND h.order_id = c.subject_id "
        "AND h.deadline = c.started_on)",
    ),
    Check(
        Fault.DOUBLED, "duty of a closed order",
        f"SELECT c.key FROM deadlines_clock c JOIN hazards_order o ON c.subject_type = {ORDER} "
        "AND o.id = c.subject_id WHERE c.state = 'RUNNING' AND o.state IN ('CLOSED', 'VOID')",
    ),
    Check(
        Fault.LOST, "end of an order without open hazards",
        "SELECT o.number FROM hazards_order o WHERE o.state = 'SERVED' AND NOT EXISTS (SELECT 1 FROM hazards_hazard h "
        "WHERE h.order_id = o.id AND h.state IN ('OPEN', 'DUE', 'TO_REFER'))",
    ),
    # ---- re-inspections and their results ----
    Check(
        Fault.LOST, "re-inspection of a period that has ended",
        "SELECT c.key FROM deadlines_clock c JOIN hazards_order o ON o.id = c.subject_id WHERE c.rule_code = 'RECHECK' "
        f"AND c.state = 'RUNNING' AND c.opens_on <= %(today)s AND {OWN} AND NOT EXISTS (SELECT 1 "
        "FROM hazards_reinspection r WHERE r.order_id = o.id AND r.deadline = c.started_on "
        "AND (r.clock_id = c.id OR r.done_on IS NULL))",
    ),
    Check(
        Fault.LOST, "result of a re-inspection for a hazard",
        "SELECT 're-inspection ' || CAST(r.id AS varchar(20)) FROM hazards_reinspection r WHERE r.done_on IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM hazards_outcome u WHERE u.reinspection_id = r.id)",
    ),
    twice("two re-inspections of one number", "hazards_reinspection", "order_id, number"),
    Check(
        Fault.DOUBLED, "two re-inspections waiting for one period",
        "SELECT CAST(order_id AS varchar(20)) || ' ' || CAST(deadline AS varchar(20)) FROM hazards_reinspection "
        "WHERE done_on IS NULL GROUP BY order_id, deadline HAVING count(*) > 1",
    ),
    twice("two re-inspections of one duty", "hazards_reinspection", "clock_id"),
    twice("two results of one hazard and visit", "hazards_outcome", "reinspection_id, hazard_id"),
    twice("two services of one order", "hazards_service", "order_id"),
    twice("two reports of one visit", "hazards_report", "inspection_id"),
    twice("two referrals of one hazard", "hazards_referral_hazards", "hazard_id"),
    # ---- reminders ----
    Check(
        Fault.LOST, "notice of an overdue duty",
        "SELECT c.key FROM deadlines_clock c WHERE c.state = 'RUNNING' AND c.due_on < %(today)s "
        "AND NOT EXISTS (SELECT 1 FROM deadlines_notice n WHERE n.clock_id = c.id AND n.step = 'OVERDUE')",
    ),
    twice("two notices of one duty and step", "deadlines_notice", "clock_id, step"),
    twice("two messages of one key", "stations_message", "user_id, key"),
    twice("two messages of the same words", "stations_message", "user_id, title, body, url"),
    # ---- duties ----
    twice(
        "two clocks of one duty", "deadlines_clock", "rule_code, subject_type, subject_id, started_on, detail, state"
    ),
    twice("two clocks of one key", "deadlines_clock", "key"),
    # ---- the trail ----
    *act("hazards.conclude", "inspections.inspection", "inspections_inspection", "x.state = 'SUBMITTED'"),
    *act("inspections.submit", "inspections.inspection", "inspections_inspection", "x.state = 'SUBMITTED'"),
    *act("records.issue", "records.document", "records_document"),
    *act("records.print", "records.document", "records_document", "x.rendered_at IS NOT NULL"),
    *act("hazards.serve", "hazards.order", "hazards_order", "x.state IN ('SERVED', 'CLOSED') AND x.document_id > 0"),
    *act("hazards.open_due", "hazards.reinspection", "hazards_reinspection", "x.early = FALSE"),
    *act("hazards.request_early", "hazards.reinspection", "hazards_reinspection", "x.early"),
    *act("hazards.reinspect", "hazards.reinspection", "hazards_reinspection", "x.done_on IS NOT NULL"),
    *act("hazards.refer", "hazards.referral", "hazards_referral"),
    *act("hazards.receive_referral", "hazards.referral", "hazards_referral", "x.state IN ('RECEIVED', 'ANSWERED')"),
    *act("hazards.answer_referral", "hazards.referral", "hazards_referral", "x.state = 'ANSWERED'"),
    *act("hazards.deliver_report", "hazards.report", "hazards_report", "x.sent_on IS NOT NULL"),
    *act("hazards.request_extension", "hazards.extension", "hazards_extension"),
    *act("hazards.approve_extension", "hazards.extension", "hazards_extension", "x.state = 'APPROVED'"),
    *act("hazards.refuse_extension", "hazards.extension", "hazards_extension", "x.state = 'REFUSED'"),
    *act("deadlines.overdue", "deadlines.clock", "deadlines_clock", _NOTICED.format("OVERDUE")),
    *act("deadlines.escalate", "deadlines.clock", "deadlines_clock", _NOTICED.format("ABOVE")),
    Check(
        Fault.DOUBLED, "two entries of one act of the system",
        "SELECT action || ': ' || summary FROM trail_auditentry WHERE actor_id IS NULL "
        "GROUP BY action, subject_type, subject_id, summary HAVING count(*) > 1",
    ),
    # ---- numbers ----
    Check(
        Fault.SKIPPED, "number of a series",
        "SELECT CAST(n.station_id AS varchar(20)) || ' ' || n.kind || ' ' || CAST(n.year AS varchar(20)) "
        "|| ': last ' || CAST(n.last AS varchar(20)) FROM records_documentcounter n WHERE n.last <> (SELECT "
        "count(DISTINCT d.sequence) FROM records_document d WHERE d.station_id = n.station_id AND d.kind = n.kind "
        "AND d.year = n.year AND d.sequence BETWEEN 1 AND n.last)",
    ),
    Check(
        Fault.SKIPPED, "number above its series",
        "SELECT d.number FROM records_document d WHERE NOT EXISTS (SELECT 1 FROM records_documentcounter n "
        "WHERE d.station_id = n.station_id AND d.kind = n.kind AND d.year = n.year AND d.sequence <= n.last)",
    ),
    Check(
        Fault.SKIPPED, "number of a re-inspection",
        "SELECT 'order ' || CAST(order_id AS varchar(20)) FROM hazards_reinspection GROUP BY order_id "
        "HAVING max(number) <> count(*) OR min(number) <> 1",
    ),
]  # fmt: skip

# What must stand in the database once an officer was told that it is done.
PROMISES = {
    "conclude": "SELECT 1 FROM inspections_inspection WHERE id = %s AND state = 'SUBMITTED'",
    "serve": "SELECT 1 FROM hazards_service WHERE order_id = %s",
    "early": "SELECT 1 FROM hazards_reinspection WHERE order_id = %s AND early",
    "reinspect": "SELECT 1 FROM hazards_reinspection r JOIN hazards_outcome u ON u.reinspection_id = r.id "
    "WHERE r.id = %s AND r.done_on IS NOT NULL",
    "refer": "SELECT 1 FROM hazards_referral_hazards WHERE hazard_id = %s",
    "deliver": "SELECT 1 FROM hazards_report WHERE inspection_id = %s AND sent_on IS NOT NULL",
    "extend": "SELECT 1 FROM hazards_extension WHERE order_id = %s",
    "decide": "SELECT 1 FROM hazards_extension WHERE id = %s AND state IN ('APPROVED', 'REFUSED')",
    "receive": "SELECT 1 FROM hazards_referral WHERE id = %s AND state IN ('RECEIVED', 'ANSWERED')",
    "answer": "SELECT 1 FROM hazards_referral WHERE id = %s AND state = 'ANSWERED'",
}


def audit(today: date, files: Path, acknowledged: Iterable[tuple[str, int]] = ()) -> list[Finding]:
    """Everything that is lost, doubled or skipped on ``today``; ``files`` is the folder of the printed papers."""
    days = {"today": today, "month": today.replace(day=1), "year": today.replace(month=1, day=1)}
    found = [Finding(check.fault, f"{check.says}: {row[0]}") for check in CHECKS for row in _rows(check.sql, days)]
    return found + _broken_promises(acknowledged) + _spoiled_files(files)


def _broken_promises(acknowledged: Iterable[tuple[str, int]]) -> list[Finding]:
    return [
        Finding(Fault.LOST, f"{kind} {subject} was acknowledged")
        for kind, subject in sorted(set(acknowledged))
        if not _rows(PROMISES[kind], [subject])
    ]


def _spoiled_files(folder: Path) -> list[Finding]:
    """A file that is missing or holds other bytes than were kept on record."""
    rows = _rows("SELECT file, sha256 FROM records_documentfile", [])
    return [Finding(Fault.LOST, f"file {name}") for name, sha256 in rows if _sha256(folder / name) != sha256]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def _rows(sql: str, parameters: object) -> Sequence[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
