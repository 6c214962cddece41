"""What the page of a referral shows: the next act, the steps, what happened."""

from django.urls import reverse

from deadlines.story import Entry, NextAct
from hazards.models import Referral, ReferralState, Target
from stations.models import User

REFERRAL_TONE = {ReferralState.SENT: "amber", ReferralState.RECEIVED: "blue", ReferralState.ANSWERED: "green"}


def act_of_referral(row: Referral, user: User) -> NextAct:
    """The act a referral waits for, with its button for whoever records it."""
    own = row.target == Target.FIRE_BRIGADE
    match ReferralState(row.state):
        case ReferralState.SENT:
            text = "由大队登记接收。" if own else "收到书面回执后由派出所登记。"
            act = NextAct("下一步：登记接收", text, "登记接收", reverse("hazards:receive", args=[row.pk]), tone="amber")
        case ReferralState.RECEIVED:
            text = "由大队登记处理结果。" if own else "收到书面反馈后由派出所登记。"
            act = NextAct("下一步：登记处理结果", text, "登记处理结果", reverse("hazards:answer", args=[row.pk]))
        case ReferralState.ANSWERED:
            return NextAct("已反馈", row.result_words)
    return act if user.can(row.recorded_with) else NextAct(act.title.replace("下一步", "等待"), act.text)


def steps_of_referral(row: Referral) -> list[dict[str, str]]:
    received = row.state != ReferralState.SENT
    answered = row.state == ReferralState.ANSWERED
    return [
        {"words": "移送", "state": "done"},
        {"words": "接收", "state": "done" if received else "now"},
        {"words": row.get_result_display() or "处理结果", "state": "done" if answered else "now" if received else ""},
    ]


def entries_of_referral(row: Referral) -> list[Entry]:
    """移送, 接收 and 处理结果, newest first."""
    target = row.get_target_display()
    taker = f"接收人 {row.receiver}" if row.receiver and not row.received_on else ""
    by = f"经办 {row.recorded_by.name}"
    if row.document_id:
        links = [{"url": reverse("records:document", args=[row.document_id]), "label": row.letter_no}]
        sent = Entry(row.sent_on, f"移送{target}", taker, links=links, by=by)
    else:
        sent = Entry(row.sent_on, f"移送{target}", "，".join(filter(None, [row.letter_no, taker])), by=by)
    return [*reversed(_answers(row, target)), sent]


def _answers(row: Referral, target: str) -> list[Entry]:
    found = []
    if row.received_on and row.received_by:
        text = f"接收人 {row.receiver}"
        found.append(Entry(row.received_on, f"{target}接收", text, by=f"登记 {row.received_by.name}"))
    if row.result_on and row.answered_by:
        text = "，".join(filter(None, [row.result_words, row.result_note]))
        found.append(Entry(row.result_on, "处理结果", text, "green", by=f"登记 {row.answered_by.name}"))
    return found
