"""The last day of a link of 电子送达: a signature after it would serve a notice that binds nobody any more."""

from datetime import date, timedelta

from django.conf import settings
from django.utils.timezone import localdate

from fire_supervision.lib.refusals import Fault
from hazards.lateness import last_period
from hazards.models import Dispatch
from inspections.models import Mode

REISSUE = "由所长作废重出，重新确定改正期限，再送达；以前已经送达的，照实际时间登记送达。"


def last_day(row: Dispatch) -> date | None:
    """The last day on which the link takes a signature.

    限期: the last day of its last period; what is served later binds nobody. 立即: so many days after it was sent.
    """
    if row.order.mode == Mode.NOW:
        return localdate(row.sent_at) + timedelta(days=settings.LINK_DAYS)
    return last_period(row.order)


def ended(row: Dispatch, today: date) -> Fault | None:
    """Why the link takes no signature any more, its last day being over; None while it may."""
    last = last_day(row)
    if last is None or today <= last:
        return None
    if row.order.mode == Mode.NOW:
        words = f"链接发出 {settings.LINK_DAYS} 天没有签收"
        return Fault("", words, "天数由系统设定，待核定", "请改用其他方式送达；对方仍愿意电子送达的，可以重新发送。")
    return Fault("", period_over(last), "", REISSUE)


def period_over(last: date) -> str:
    return f"改正期限 {last:%Y-%m-%d} 已经届满"
