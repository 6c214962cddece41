"""举报登记 and 举报答复: an ordinary complaint, one of many words, one that was moved on and cannot be answered."""

from records.models import Kind
from records.samples.edges import ADDRESS, NAME
from records.samples.sample import Context, Sample

COMPLAINT: Context = {
    "heading": "江城市公安局城关派出所",
    "number": "江公（城关）消举字〔2026〕第0007号",
    "issued_on": "2026-09-24",
    # What was reported, in the words of that day; the complainant himself is on no paper.
    "unit_name": "江城市利群旅馆",
    "address": "裕华路180号",
    "source": "12345",
    # With the offset of the place, to the minute.
    "received_at": "2026-09-23T21:15:00+08:00",
    "received_by": "李建平",
    "anonymous": False,
    "content": "后门安全出口夜间上锁",
    "category": "疏散、停用设施类",
    "jurisdiction": "属本所管辖",
    "handler": "李建平",
    "checked_at": "2026-09-24T09:00:00+08:00",
    "checkers": [
        {"name": "李建平", "certificate": "江公证100001"},
        {"name": "张海涛", "certificate": "江公证100002"},
    ],
    "truth": "属实",
    "found": "后门安全出口上锁，已当场打开，制发江公（城关）消即字〔2026〕第0003号责令立即改正通知书。",
    "visited_on": "2026-09-24",
    # Empty where the complaint stayed with the station.
    "transferred_at": "",
    "transferred_to": "",
    "letter_no": "",
    "told_at": "2026-09-24T16:30:00+08:00",
    "told_by": "李建平",
    "manner": "书面",
    "told": "举报属实，已责令该单位立即改正。",
    # Why he could not be told: then `manner` and `told` are empty.
    "untold": "",
    # What the complainant got for it; empty is struck out.
    "reward": "",
    "signatures": {},
}
COMPLAINT_LONG: Context = COMPLAINT | {
    "number": "江公（城关）消举字〔2026〕第0128号",
    "unit_name": "江城市经济技术开发区鑫源物业服务有限责任公司北大街商业综合体第二分公司锦绣花园第三管理处消防控制室",
    "address": "江城市经济技术开发区绵山大街北段128号锦绣花园住宅小区（含一期、二期、三期和地下车库）物业服务中心二层",
    "content": "地下车库消火栓没有水，防火卷帘下长期堆放装修材料，消防车通道被私家车占用，多次向物业反映没有结果。\n"
    * 20,
    "found": "现场检查消火栓12处，其中3处无水；防火卷帘下堆放装修材料2处，已责令限期改正；消防车通道停放车辆已驶离。\n"
    * 12,
    "told": "举报部分属实，已责令物业服务企业限期改正，到期后复查。" * 8,
    "reward": "部分属实，符合奖励条件，已奖励200元，2026年9月28日由分局支付",
}
COMPLAINT_AWKWARD: Context = COMPLAINT | {
    "unit_name": NAME,
    "address": ADDRESS,
    "source": "转办",
    "anonymous": True,
    "category": "其他",
    "jurisdiction": "不属本所管辖",
    "content": '30㎡的店里放了６瓶液化气（<15kg> & "50kg"）',
    "checked_at": "",
    "checkers": [],
    "truth": "",
    "found": "",
    "visited_on": "",
    "transferred_at": "2026-09-24T09:05:00+08:00",
    "transferred_to": "江城市公安局北关派出所",
    "manner": "",
    "told": "",
    "untold": "匿名举报，没有留下联系方式",
    "reward": '不符合奖励条件（未留下联系方式，<奖励办法>第6条 & "实名"）',
}
REPLY: Context = {
    "heading": "江城市公安局城关派出所",
    "number": "江公（城关）消举复字〔2026〕第0001号",
    "issued_on": "2026-09-24",
    # Never his name: the context is kept.
    "unit_name": "举报人",
    "register_no": "江公（城关）消举字〔2026〕第0007号",
    "received_at": "2026-09-23T21:15:00+08:00",
    "source": "12345",
    "premises": "江城市利群旅馆",
    # A paragraph each.
    "told": ["经核查，你反映的问题属实，已责令该单位立即改正。"],
    "handler": "李建平",
    "signatures": {},
}
REPLY_LONG: Context = REPLY | {
    "premises": COMPLAINT_LONG["unit_name"],
    "told": ["经核查，你反映的地下车库消火栓无水问题属实，已责令限期改正，到期后进行复查。"] * 12,
}
REPLY_AWKWARD: Context = REPLY | {"premises": NAME, "told": ["不属实。"], "handler": "张翀喆"}
SAMPLES: list[Sample] = [
    Sample(Kind.COMPLAINT, "short", COMPLAINT),
    Sample(Kind.COMPLAINT, "long", COMPLAINT_LONG),
    Sample(Kind.COMPLAINT, "awkward", COMPLAINT_AWKWARD),
    Sample(Kind.COMPLAINT_REPLY, "short", REPLY),
    Sample(Kind.COMPLAINT_REPLY, "long", REPLY_LONG),
    Sample(Kind.COMPLAINT_REPLY, "awkward", REPLY_AWKWARD),
]
